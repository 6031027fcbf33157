// The pending timers of one clock, in order of time and then of arming. It reads no clock: who owns
// it says what time it is. SystemClock and the simulator's clock both stand on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "fleet/base/time.h"

namespace fleet::io {

class TimerHeap {
 public:
  std::uint64_t arm(Tick at, std::function<void()> what) {
    const std::uint64_t id = ++last_id_;
    by_time_.emplace(Key{at, id}, std::move(what));
    time_of_.emplace(id, at);
    return id;
  }

  void cancel(std::uint64_t id) {
    const auto found = time_of_.find(id);
    if (found == time_of_.end()) return;
    by_time_.erase(Key{found->second, id});
    time_of_.erase(found);
  }

  std::optional<Tick> next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first.first;
  }

  // Takes the first timer that is due at `now`; the caller runs it.
  std::optional<std::function<void()>> take_due(Tick now) {
    if (by_time_.empty() || by_time_.begin()->first.first > now) return std::nullopt;
    auto node = by_time_.extract(by_time_.begin());
    time_of_.erase(node.key().second);
    return std::move(node.mapped());
  }

  void clear() {
    // Handlers may own coroutine frames whose destruction cancels further timers.
    auto dropped = std::move(by_time_);
    by_time_.clear();
    time_of_.clear();
  }

 private:
  using Key = std::pair<Tick, std::uint64_t>;
  std::map<Key, std::function<void()>> by_time_;
  std::unordered_map<std::uint64_t, Tick> time_of_;
  std::uint64_t last_id_ = 0;
};

}  // namespace fleet::io
