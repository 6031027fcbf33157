// Which seeds a test plays: FLEET_SEED=n replays one, FLEET_SEEDS=n plays that many, FLEET_FIRST=n
// says where they begin. Prints the seed of every failure.
#pragma once

#include <cstdint>
#include <string>

#include "sim/sim_fleet.h"

namespace fleet::sim {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
  static Seeds from_environment(std::uint64_t count);
  // The `i`th of `shares` parts, each about as long.
  Seeds share(std::uint64_t i, std::uint64_t shares) const {
    const std::uint64_t begin = count * i / shares;
    return {first + begin, count * (i + 1) / shares - begin};
  }
};

struct Tally {
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::size_t messages = 0;
  std::size_t stored = 0;
  Micros lasted{0};
  std::string failures{};  // the first ones, each with how to replay it
};
Tally play_all(const Seeds& seeds, const Plan& plan);

Verdict play_seed(std::uint64_t seed, const Plan& plan);

}  // namespace fleet::sim
