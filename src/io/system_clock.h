// The kernel's clocks on the asio loop. One steady_timer serves every pending timer. The wall
// clock may be shifted by FLEET_NERVE_CLOCK_OFFSET_MS, for tests only.
#pragma once

#include <asio/steady_timer.hpp>

#include "io/clock.h"
#include "io/timer_heap.h"

namespace fleet::io {

class SystemClock final : public Clock {
 public:
  explicit SystemClock(Executor loop, Millis wall_offset = Millis{0});

  Tick now() const override;
  Stamp stamp() const override;
  TimerId call_at(Tick at, std::function<void()> what) override;
  void cancel(TimerId id) override { heap_.cancel(id); }
  // Drops every timer and what it owns; before the loop goes.
  void clear() { heap_.clear(); }

 private:
  void arm();
  void fire();

  TimerHeap heap_;
  asio::steady_timer timer_;
  Tick armed_for_{INT64_MAX};
  Millis wall_offset_;
};

}  // namespace fleet::io
