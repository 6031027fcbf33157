#include "io/system_clock.h"

#include <chrono>

namespace fleet::io {

SystemClock::SystemClock(Executor loop, Millis wall_offset)
    : timer_(std::move(loop)), wall_offset_(wall_offset) {}

Tick SystemClock::now() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Micros>(since).count()};
}

Stamp SystemClock::stamp() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Stamp{std::chrono::duration_cast<Millis>(since).count()} + wall_offset_;
}

Clock::TimerId SystemClock::call_at(Tick at, std::function<void()> what) {
  const TimerId id = heap_.arm(at, std::move(what));
  if (at < armed_for_) arm();
  return id;
}

void SystemClock::arm() {
  const auto next = heap_.next();
  if (!next) {
    armed_for_ = Tick{INT64_MAX};
    return;
  }
  armed_for_ = *next;
  timer_.expires_at(std::chrono::steady_clock::time_point(Micros{next->us}));
  timer_.async_wait([this](const std::error_code& aborted) {
    if (!aborted) fire();
  });
}

void SystemClock::fire() {
  // What a timer arms for the past waits for the next turn, so that others get the loop.
  armed_for_ = Tick{INT64_MIN};
  const Tick due = now();
  while (auto what = heap_.take_due(due)) (*what)();
  arm();
}

}  // namespace fleet::io
