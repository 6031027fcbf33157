// What a C library's callback finds its object by: the closure is a number, never a pointer, so a
// callback that comes after the object's end finds nothing. Thread-safe. Used by nats_connection.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace fleet::io {

template <class Value>
class CallbackKeys {
 public:
  // The closure to hand to the library.
  void* add(Value value) {
    const std::scoped_lock lock(mutex_);
    values_.emplace(++last_, std::move(value));
    return reinterpret_cast<void*>(last_);
  }
  void drop(const void* key) {
    const std::scoped_lock lock(mutex_);
    values_.erase(reinterpret_cast<std::uintptr_t>(key));
  }
  Value find(const void* key) {
    const std::scoped_lock lock(mutex_);
    const auto found = values_.find(reinterpret_cast<std::uintptr_t>(key));
    return found == values_.end() ? Value{} : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, Value> values_;
  std::uintptr_t last_ = 0;
};

}  // namespace fleet::io
