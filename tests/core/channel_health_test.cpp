#include "fleet/core/channel_health.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

// A channel and its clock; each call lets time pass first.
struct Patient {
  ChannelHealth health{};
  Tick now{1'000'000'000};
  Timing timing{};
  double jitter = 0.5;
  bool active = true;

  HealthState feel(HealthEvent event, Micros later = Seconds{1}) {
    now = now + later;
    health = after(health, event, {now, jitter, active}, timing).health;
    return health.state;
  }
};

TEST(ChannelHealth, one_failure_degrades_the_channel) {
  Patient p;
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::degraded);
}

TEST(ChannelHealth, three_failures_in_a_row_break_the_channel) {
  Patient p;
  p.feel(HealthEvent::fault);
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::degraded);
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::broken);
}

TEST(ChannelHealth, an_answer_between_starts_the_row_anew) {
  Patient p;
  p.feel(HealthEvent::fault);
  p.feel(HealthEvent::fault);
  p.feel(HealthEvent::ok);
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::degraded);
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::broken);
}

TEST(ChannelHealth, faults_within_half_a_second_count_once) {
  Patient p;
  p.feel(HealthEvent::fault);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(p.feel(HealthEvent::fault, Millis{100}), HealthState::degraded);
  EXPECT_EQ(p.health.faults, 1U);
}

TEST(ChannelHealth, two_answers_a_second_apart_recover_a_degraded_channel) {
  Patient p;
  p.feel(HealthEvent::fault);
  EXPECT_EQ(p.feel(HealthEvent::ok), HealthState::degraded);
  EXPECT_EQ(p.feel(HealthEvent::ok, Millis{999}), HealthState::degraded);
  EXPECT_EQ(p.feel(HealthEvent::ok, Millis{1}), HealthState::healthy);
}

TEST(ChannelHealth, a_broken_channel_heals_before_it_is_healthy) {
  Patient p;
  for (int i = 0; i < 3; ++i) p.feel(HealthEvent::fault);
  EXPECT_EQ(p.feel(HealthEvent::ok), HealthState::healing);
  EXPECT_EQ(p.feel(HealthEvent::ok), HealthState::healing);
  EXPECT_EQ(p.feel(HealthEvent::ok), HealthState::healthy);
}

TEST(ChannelHealth, a_fault_while_healing_breaks_it_again) {
  Patient p;
  for (int i = 0; i < 3; ++i) p.feel(HealthEvent::fault);
  p.feel(HealthEvent::ok);
  EXPECT_EQ(p.feel(HealthEvent::fault), HealthState::broken);
}

TEST(ChannelHealth, a_slow_answer_degrades_and_never_breaks) {
  Patient p;
  for (int i = 0; i < 10; ++i) {
    p.feel(HealthEvent::fault);
    EXPECT_EQ(p.feel(HealthEvent::slow), HealthState::degraded);
  }
}

TEST(ChannelHealth, a_quarter_of_an_hour_of_peace_resets_it) {
  Patient p;
  for (int i = 0; i < 3; ++i) p.feel(HealthEvent::fault);
  EXPECT_EQ(p.feel(HealthEvent::tick, Seconds{899}), HealthState::broken);
  EXPECT_EQ(p.feel(HealthEvent::tick, Seconds{1}), HealthState::healthy);
  EXPECT_EQ(p.health.next_probe, std::nullopt);
}

TEST(ChannelHealth, probes_come_at_half_one_two_four_eight_and_fifteen_seconds) {
  Patient p;
  p.feel(HealthEvent::fault);
  for (const int wait : {500, 1000, 2000, 4000, 8000, 15'000, 15'000}) {
    EXPECT_EQ(*p.health.next_probe - p.now, Millis{wait});
    p.now = *p.health.next_probe;
    p.feel(HealthEvent::probe_sent, Micros{0});
  }
}

TEST(ChannelHealth, an_idle_peer_is_probed_once_a_minute) {
  Patient p{.active = false};
  p.feel(HealthEvent::fault);
  for (int i = 0; i < 12; ++i) p.feel(HealthEvent::probe_sent);
  EXPECT_EQ(*p.health.next_probe - p.now, Seconds{60});
}

TEST(ChannelHealth, jitter_moves_a_probe_by_a_fifth) {
  const Timing timing;
  const ChannelHealth fresh{.state = HealthState::degraded};
  EXPECT_EQ(probe_wait(fresh, {.jitter = 0.0}, timing), Millis{400});
  EXPECT_EQ(probe_wait(fresh, {.jitter = 1.0}, timing), Millis{600});
}

TEST(ChannelHealth, the_confirming_probe_is_far_enough_to_count) {
  for (const double jitter : {0.0, 0.5, 1.0}) {
    Patient p{.jitter = jitter};
    p.feel(HealthEvent::fault);
    p.feel(HealthEvent::probe_sent, Micros{0});
    p.feel(HealthEvent::probe_sent, Seconds{1});
    p.feel(HealthEvent::probe_sent, Seconds{2});
    p.feel(HealthEvent::ok, Micros{0});
    const Tick next = *p.health.next_probe;
    EXPECT_GE(next - p.now, Seconds{1});
    EXPECT_LE(next - p.now, Millis{1'200});
    EXPECT_EQ(p.feel(HealthEvent::ok, next - p.now), HealthState::healthy);
  }
}

TEST(ChannelHealth, a_hint_brings_the_probe_forward_but_not_closer_than_half_a_second) {
  Patient p;
  p.feel(HealthEvent::fault);
  for (int i = 0; i < 6; ++i) p.feel(HealthEvent::probe_sent);
  p.feel(HealthEvent::hint, Millis{100});
  EXPECT_EQ(*p.health.next_probe, *p.health.last_probe + Millis{500});
  p.feel(HealthEvent::hint, Seconds{2});
  EXPECT_EQ(*p.health.next_probe, *p.health.last_probe + Millis{500});
}

TEST(ChannelHealth, a_held_down_channel_is_not_probed_sooner) {
  Patient p;
  for (int i = 0; i < 3; ++i) p.feel(HealthEvent::fault);
  p.health.hold_down = Seconds{15};
  p.feel(HealthEvent::hint);
  EXPECT_EQ(*p.health.next_probe, p.health.since + Seconds{15});
}

TEST(ChannelHealth, only_a_road_that_could_not_be_used_comes_up) {
  using enum HealthState;
  const auto came_up = [](HealthState from, HealthState to) {
    return Transition{{.state = to}, from}.came_up();
  };
  EXPECT_TRUE(came_up(broken, healing));
  EXPECT_TRUE(came_up(healing, healthy));
  EXPECT_TRUE(came_up(broken, degraded));
  EXPECT_FALSE(came_up(degraded, healthy));
  EXPECT_FALSE(came_up(healing, broken));
  EXPECT_FALSE(came_up(healthy, healthy));
}

}  // namespace
}  // namespace fleet::core
