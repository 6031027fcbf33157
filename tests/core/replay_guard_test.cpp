#include "fleet/core/replay_guard.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

constexpr Stamp kNow{1'700'000'000'000};

FrameStamp frame(std::uint64_t boot, std::uint64_t counter, Millis later = Millis{0}) {
  return {boot, counter, kNow + later};
}

TEST(ReplayGuard, admits_each_counter_once_in_any_order) {
  ReplayGuard guard;
  for (const std::uint64_t counter : {5U, 3U, 4U, 1'000U}) {
    EXPECT_EQ(guard.admit(frame(1, counter), kNow), Freshness::fresh);
    EXPECT_EQ(guard.admit(frame(1, counter), kNow), Freshness::replayed);
  }
}

TEST(ReplayGuard, remembers_the_last_1024_counters) {
  ReplayGuard guard;
  guard.admit(frame(1, 2'000), kNow);
  EXPECT_EQ(guard.admit(frame(1, 977), kNow), Freshness::fresh);
  EXPECT_EQ(guard.admit(frame(1, 976), kNow), Freshness::stale);
  guard.admit(frame(1, UINT64_MAX), kNow);
  EXPECT_EQ(guard.admit(frame(1, 2'001), kNow), Freshness::stale);
}

TEST(ReplayGuard, refuses_what_is_five_minutes_off_either_way) {
  ReplayGuard guard;
  EXPECT_EQ(guard.admit(frame(1, 1, Millis{300'000}), kNow), Freshness::fresh);
  EXPECT_EQ(guard.admit(frame(1, 2, Millis{300'001}), kNow), Freshness::skewed);
  EXPECT_EQ(guard.admit(frame(1, 3, Millis{-300'001}), kNow), Freshness::skewed);
}

TEST(ReplayGuard, a_restarted_peer_shows_a_later_time) {
  ReplayGuard guard;
  guard.admit(frame(1, 50), kNow);
  EXPECT_EQ(guard.admit(frame(2, 1, Millis{1}), kNow), Freshness::fresh);
  EXPECT_EQ(guard.admit(frame(2, 1, Millis{1}), kNow), Freshness::replayed);
}

TEST(ReplayGuard, a_recording_of_an_earlier_boot_is_refused) {
  ReplayGuard guard;
  guard.admit(frame(1, 50), kNow);
  guard.admit(frame(2, 1, Seconds{1}), kNow);
  EXPECT_EQ(guard.admit(frame(1, 51, Millis{1}), kNow), Freshness::past_boot);
  EXPECT_EQ(guard.admit(frame(2, 2, Seconds{1}), kNow), Freshness::fresh);
}

TEST(ReplayGuard, after_our_own_start_only_later_times_are_admitted) {
  ReplayGuard guard(kNow);
  EXPECT_EQ(guard.admit(frame(1, 1), kNow), Freshness::past_boot);
  EXPECT_EQ(guard.admit(frame(1, 1, Millis{1}), kNow), Freshness::fresh);
}

TEST(ReplayGuard, a_frame_that_answers_our_challenge_needs_no_clock_and_moves_none) {
  ReplayGuard guard;
  const FrameStamp wrong{1, 1, Stamp{0}, true};
  EXPECT_EQ(guard.admit(wrong, kNow), Freshness::fresh);
  EXPECT_EQ(guard.admit(wrong, kNow), Freshness::replayed);
  EXPECT_EQ(guard.highest(), Stamp{0});
}

}  // namespace
}  // namespace fleet::core
