// A coroutine's way to wait for "something changed", with a deadline. It carries no value: whoever
// wakes looks for himself. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "io/clock.h"
#include "io/task.h"

namespace fleet::io {

class Signal {
 public:
  // True where notify() came first, false at the deadline.
  Task<bool> wait_until(Clock& clock, Tick deadline);
  Task<bool> wait() { return wait_until_notified(); }
  void notify();
  bool has_waiters() const { return !waiters_.empty(); }

 private:
  Task<bool> wait_until_notified();
  std::map<std::uint64_t, std::function<void(bool)>> waiters_;
  std::uint64_t last_ = 0;
};

}  // namespace fleet::io
