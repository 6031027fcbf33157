#include "sim/seeds.h"

#include <cstdlib>
#include <exception>

namespace fleet::sim {
namespace {

constexpr std::uint64_t kFailuresShown = 5;

std::uint64_t number_in(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string explain(const Verdict& verdict) {
  std::string text = "FLEET_SEED=" + std::to_string(verdict.seed) + " replays it:\n";
  for (const std::string& violation : verdict.violations) text += "  " + violation + '\n';
  return text;
}

}  // namespace

Seeds Seeds::from_environment(std::uint64_t count) {
  if (const auto one = number_in("FLEET_SEED", 0)) return {one, 1};
  return {number_in("FLEET_FIRST", 1), number_in("FLEET_SEEDS", count)};
}

Verdict play_seed(std::uint64_t seed, const Plan& plan) {
  try {
    return SimFleet(seed, plan).run();
  } catch (const std::exception& thrown) {
    return {.seed = seed, .violations = {std::string("a coroutine threw: ") + thrown.what()}};
  }
}

Tally play_all(const Seeds& seeds, const Plan& plan) {
  Tally tally;
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    const Verdict verdict = play_seed(seeds.first + i, plan);
    tally.seeds += 1;
    tally.messages += verdict.messages;
    tally.stored += verdict.stored;
    tally.lasted += verdict.lasted;
    if (verdict.violations.empty()) continue;
    if (tally.failed++ < kFailuresShown) tally.failures += explain(verdict);
  }
  return tally;
}

}  // namespace fleet::sim
