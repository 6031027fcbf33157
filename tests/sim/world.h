// One simulated world: its time, what is to happen in it, every random draw (all from one seed),
// the hash of its trace and the violations found. It knows no node and no network; both live in it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/rng.h"
#include "fleet/base/time.h"
#include "io/timer_heap.h"

namespace fleet::sim {

class World {
 public:
  explicit World(std::uint64_t seed);

  std::uint64_t seed() const { return seed_; }
  Tick now() const { return now_; }
  void advance(Tick to) { now_ = std::max(now_, to); }

  void after(Micros wait, std::function<void()> what) { heap_.arm(now_ + wait, std::move(what)); }
  std::optional<Tick> next() const { return heap_.next(); }
  void run_due();
  void forget_future() { heap_.clear(); }

  // An independent stream of draws; the same label in the same seed draws the same.
  SeededRng draws(std::string_view label) const;

  // One line of what happened; FLEET_TRACE=1 prints them.
  void trace(std::string_view who, std::string_view what);
  std::uint64_t hash() const { return hash_; }

  void violate(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  std::uint64_t seed_;
  Tick now_{};
  io::TimerHeap heap_{};
  std::uint64_t hash_;
  std::vector<std::string> violations_{};
  bool printing_;
};

// Draws as people think of them.
bool chance(Rng& rng, double probability);
Micros between(Rng& rng, Micros least, Micros most);

}  // namespace fleet::sim
