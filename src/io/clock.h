// The one port for time. SystemClock reads the kernel's clocks; the simulator plugs in a virtual
// one, on which a sleep costs nothing. Whoever waits, waits here. Loop thread only, but for now()
// and stamp(), which any thread may call.
#pragma once

#include <cstdint>
#include <functional>

#include "fleet/base/time.h"
#include "io/task.h"

namespace fleet::io {

class Clock {
 public:
  using TimerId = std::uint64_t;  // never 0

  virtual ~Clock() = default;
  virtual Tick now() const = 0;
  virtual Stamp stamp() const = 0;
  // Calls once at or after `at`, from the loop, never from within call_at itself.
  virtual TimerId call_at(Tick at, std::function<void()> what) = 0;
  // Forgets a timer; harmless where it has fired.
  virtual void cancel(TimerId id) = 0;

  Task<void> sleep_until(Tick at);
  Task<void> sleep_for(Micros span) { return sleep_until(now() + span); }
};

}  // namespace fleet::io
