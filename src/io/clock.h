// The one port for time. SystemClock reads the kernel's clocks; the simulator plugs in a virtual
// one, on which a sleep costs nothing. Whoever waits, waits here.
#pragma once

#include "fleet/base/time.h"
#include "io/task.h"

namespace fleet::io {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Tick now() const = 0;
  virtual Stamp stamp() const = 0;
  // Returns at or after `at`; ends early only by cancellation (throws asio::system_error then).
  virtual Task<void> sleep_until(Tick at) = 0;

  Task<void> sleep_for(Micros span) { return sleep_until(now() + span); }
};

}  // namespace fleet::io
