// The whole fleet in simulated worlds.
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>

#include "sim/seeds.h"

namespace fleet::sim {
namespace {

constexpr std::uint64_t kSeeds = 100;

TEST(SimFleet, two_nodes_in_peace_store_everything) {
  const Verdict verdict =
      play_seed(1, {.nodes = 2, .sends = 20, .span = Seconds{10}, .faults = false});
  EXPECT_EQ(verdict.violations, std::vector<std::string>());
  EXPECT_GE(verdict.messages, 15U);
}

TEST(SimFleet, the_same_seed_tells_the_same_story) {
  const Verdict once = play_seed(7, {});
  const Verdict again = play_seed(7, {});
  EXPECT_EQ(once.hash, again.hash);
  EXPECT_NE(once.hash, play_seed(8, {}).hash);
}

// The seeds in equal shares, so that several cores can play them.
constexpr std::uint64_t kShares = 4;

class ShareOfSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ShareOfSeeds, keeps_its_promises) {
  const std::clock_t begun = std::clock();
  const Tally tally = play_all(Seeds::from_environment(kSeeds).share(GetParam(), kShares), {});
  EXPECT_EQ(tally.failed, 0U) << tally.failures;
  const double busy = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  const double lasted = static_cast<double>(tally.lasted.count()) / 1e6;
  std::printf("%llu seeds, %zu messages, %zu stored; %.0f virtual s in %.1f s of one core: x%.0f\n",
              static_cast<unsigned long long>(tally.seeds), tally.messages, tally.stored, lasted,
              busy, lasted / busy);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShareOfSeeds, testing::Range<std::uint64_t>(0, kShares));

}  // namespace
}  // namespace fleet::sim
