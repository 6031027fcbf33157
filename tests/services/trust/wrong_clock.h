// A clock that stands still until told, and whose wall can be wrong by any amount.
#pragma once

#include <functional>
#include <utility>

#include "io/clock.h"
#include "io/timer_heap.h"

namespace fleet::trust {

class WrongClock final : public io::Clock {
 public:
  Tick now() const override { return now_; }
  Stamp stamp() const override { return Stamp{1'800'000'000'000 + now_.us / 1'000} + error; }
  TimerId call_at(Tick at, std::function<void()> what) override {
    return heap_.arm(at, std::move(what));
  }
  void cancel(TimerId id) override { heap_.cancel(id); }
  void advance(Micros span) {
    now_ = now_ + span;
    while (auto due = heap_.take_due(now_)) (*due)();
  }
  Millis error{0};

 private:
  Tick now_{};
  io::TimerHeap heap_{};
};

}  // namespace fleet::trust
