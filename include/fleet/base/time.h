// Two clocks that never mix: Tick is monotonic and orders what happens here, Stamp is the wall
// clock and is for people and for other machines. A Deadline is a Tick. Nothing here reads a clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace fleet {

using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// Monotonic microseconds since an arbitrary start; meaningless on another machine or after a boot.
struct Tick {
  std::int64_t us = 0;
  auto operator<=>(const Tick&) const = default;
};

// Wall-clock milliseconds since 1970-01-01 UTC, possibly wrong.
struct Stamp {
  std::int64_t ms = 0;
  auto operator<=>(const Stamp&) const = default;
};

struct Deadline {
  Tick at;
  auto operator<=>(const Deadline&) const = default;
};

constexpr Tick operator+(Tick t, Micros d) { return {t.us + d.count()}; }
constexpr Tick operator-(Tick t, Micros d) { return {t.us - d.count()}; }
constexpr Micros operator-(Tick a, Tick b) { return Micros{a.us - b.us}; }
constexpr Stamp operator+(Stamp t, Millis d) { return {t.ms + d.count()}; }
constexpr Stamp operator-(Stamp t, Millis d) { return {t.ms - d.count()}; }
constexpr Millis operator-(Stamp a, Stamp b) { return Millis{a.ms - b.ms}; }

constexpr Micros remaining(Deadline deadline, Tick now) {
  return deadline.at > now ? deadline.at - now : Micros{0};
}

}  // namespace fleet
