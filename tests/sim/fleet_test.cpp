// The whole fleet in simulated worlds.
#include <gtest/gtest.h>

#include <chrono>

#include "sim/seeds.h"

namespace fleet::sim {
namespace {

constexpr std::uint64_t kSeeds = 100;

TEST(SimFleet, two_nodes_in_peace_store_everything) {
  const Verdict verdict = play_seed(1, {.nodes = 2, .sends = 20, .span = Seconds{10}, .faults = false});
  EXPECT_EQ(verdict.violations, std::vector<std::string>());
  EXPECT_GE(verdict.messages, 15U);
}

TEST(SimFleet, the_same_seed_tells_the_same_story) {
  const Verdict once = play_seed(7, {});
  const Verdict again = play_seed(7, {});
  EXPECT_EQ(once.hash, again.hash);
  EXPECT_NE(once.hash, play_seed(8, {}).hash);
}

TEST(SimFleet, keeps_its_promises_through_every_seed) {
  const Tally tally = play_all(Seeds::from_environment(kSeeds), {});
  EXPECT_EQ(tally.failed, 0U) << tally.failures;
  RecordProperty("messages", static_cast<int>(tally.messages));
  RecordProperty("stored", static_cast<int>(tally.stored));
}

}  // namespace
}  // namespace fleet::sim
