// The clock of one node in a simulated world: its own start, its own wrong wall clock, timers that
// fire from the node's own loop. The fleet asks it when something is due; nothing here waits.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "io/clock.h"
#include "io/timer_heap.h"
#include "sim/world.h"

namespace fleet::sim {

class SimClock final : public io::Clock {
 public:
  SimClock(const World& world, Micros uptime, const Millis& wall_error)
      : world_(world), uptime_(uptime), wall_error_(wall_error) {}

  Tick now() const override { return world_.now() + uptime_; }
  Stamp stamp() const override { return Stamp{kBegin + world_.now().us / 1000} + wall_error_; }
  TimerId call_at(Tick at, std::function<void()> what) override {
    return heap_.arm(at, std::move(what));
  }
  void cancel(TimerId id) override { heap_.cancel(id); }

  // In the world's time.
  std::optional<Tick> next() const {
    const auto at = heap_.next();
    if (!at) return std::nullopt;
    return *at - uptime_;
  }
  void fire_due() {
    while (auto due = heap_.take_due(now())) (*due)();
  }
  void clear() { heap_.clear(); }

 private:
  static constexpr std::int64_t kBegin = 1'800'000'000'000;  // ms since 1970

  const World& world_;
  Micros uptime_;
  const Millis& wall_error_;  // of the machine: it outlives the process
  io::TimerHeap heap_{};
};

}  // namespace fleet::sim
