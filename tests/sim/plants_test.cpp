// Six well-known mistakes, planted one at a time: the simulator must find each of them. A find
// counts only where the same seed is clean without the plant.
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "fleet/base/plant.h"
#include "sim/seeds.h"

namespace fleet::sim {
namespace {

#ifdef FLEET_PLANTS

constexpr std::uint64_t kSeeds = 1'000;

class PlantedBug : public testing::TestWithParam<Plant> {
 protected:
  void SetUp() override { the_plant = GetParam(); }
  void TearDown() override { the_plant = Plant::none; }
};

bool is_clean_without(std::uint64_t seed) {
  const Plant planted = std::exchange(the_plant, Plant::none);
  const Verdict verdict = play_seed(seed, {});
  the_plant = planted;
  return verdict.violations.empty();
}

std::optional<Verdict> find_it() {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Verdict verdict = play_seed(seed, {});
    if (!verdict.violations.empty() && is_clean_without(seed)) return verdict;
  }
  return std::nullopt;
}

TEST_P(PlantedBug, is_found_within_a_thousand_seeds) {
  const auto found = find_it();
  ASSERT_TRUE(found) << "no seed finds it";
  std::string violations;
  for (const std::string& violation : found->violations) violations += violation + '\n';
  RecordProperty("seed", static_cast<int>(found->seed));
  RecordProperty("violations", violations);
}

std::string name_of(const testing::TestParamInfo<Plant>& info) {
  switch (info.param) {
    case Plant::none:
      return "none";
    case Plant::receipt_before_commit:
      return "receipt_before_commit";
    case Plant::epoch_kept_over_restore:
      return "epoch_kept_over_restore";
    case Plant::void_blocks_watermark:
      return "void_blocks_watermark";
    case Plant::loser_cancelled_without_verdict:
      return "loser_cancelled_without_verdict";
    case Plant::parked_message_dropped:
      return "parked_message_dropped";
    case Plant::shown_before_offered_committed:
      return "shown_before_offered_committed";
  }
  return "unknown";
}

INSTANTIATE_TEST_SUITE_P(
    Plants, PlantedBug,
    testing::Values(Plant::receipt_before_commit, Plant::epoch_kept_over_restore,
                    Plant::void_blocks_watermark, Plant::loser_cancelled_without_verdict,
                    Plant::parked_message_dropped, Plant::shown_before_offered_committed),
    name_of);

#endif

}  // namespace
}  // namespace fleet::sim
