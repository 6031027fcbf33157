// Planted bugs: six well-known mistakes that the simulator must be able to find. A place in the
// code that could make one asks `planted(…)`; without FLEET_PLANTS the answer is a constant false
// and the branch is not in the program. Nothing outside the tests defines FLEET_PLANTS.
#pragma once

namespace fleet {

enum class Plant {
  none,
  receipt_before_commit,
  epoch_kept_over_restore,
  void_blocks_watermark,
  loser_cancelled_without_verdict,
  parked_message_dropped,
  shown_before_offered_committed,
};

#ifdef FLEET_PLANTS
inline Plant the_plant = Plant::none;  // set by a test before the run it spoils
inline bool planted(Plant plant) { return the_plant == plant; }
#else
constexpr bool planted(Plant) { return false; }
#endif

}  // namespace fleet
