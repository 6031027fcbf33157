#include "fleet/core/liveness.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

constexpr Tick kNow{9'000'000'000};
const Timing kTiming;

Liveness heard(std::uint64_t boot = 1) { return after_life({}, boot, kNow).liveness; }

TEST(Liveness, the_first_sign_is_life) {
  const LifeTransition first = after_life({}, 1, kNow);
  EXPECT_EQ(first.liveness.presence, Presence::online);
  EXPECT_TRUE(first.showed_life());
  EXPECT_FALSE(first.restarted);
}

TEST(Liveness, three_missed_heartbeats_are_silence_and_thirty_absence) {
  const Liveness peer = heard();
  EXPECT_EQ(after_tick(peer, kNow + Millis{32'999}, kTiming).liveness.presence, Presence::online);
  const Liveness silent = after_tick(peer, kNow + Seconds{33}, kTiming).liveness;
  EXPECT_EQ(silent.presence, Presence::silent);
  EXPECT_EQ(after_tick(silent, kNow + Seconds{330}, kTiming).liveness.presence, Presence::away);
}

TEST(Liveness, says_when_it_can_change_next) {
  const Liveness peer = heard();
  const Tick first = *next_change(peer, kTiming);
  const Liveness silent = after_tick(peer, first, kTiming).liveness;
  EXPECT_EQ(silent.presence, Presence::silent);
  const Liveness away = after_tick(silent, *next_change(silent, kTiming), kTiming).liveness;
  EXPECT_EQ(away.presence, Presence::away);
  EXPECT_EQ(next_change(away, kTiming), std::nullopt);
}

TEST(Liveness, another_boot_id_is_a_restart_and_life) {
  const LifeTransition again = after_life(heard(1), 2, kNow + Seconds{1});
  EXPECT_TRUE(again.restarted);
  EXPECT_TRUE(again.showed_life());
  EXPECT_FALSE(after_life(heard(1), 1, kNow + Seconds{1}).showed_life());
  EXPECT_FALSE(after_life(heard(1), 0, kNow + Seconds{1}).restarted);
}

TEST(Liveness, heartbeats_are_a_tenth_apart_from_regular) {
  EXPECT_EQ(heartbeat_wait(0.0, kTiming), Seconds{9});
  EXPECT_EQ(heartbeat_wait(0.5, kTiming), Seconds{10});
  EXPECT_EQ(heartbeat_wait(1.0, kTiming), Seconds{11});
}

}  // namespace
}  // namespace fleet::core
