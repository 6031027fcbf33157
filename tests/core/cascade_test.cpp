#include "fleet/core/cascade.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

using enum ChannelId;
using Kind = CascadeEvent::Kind;

// One message, one peer, a clock. The scenarios tell the long stories; here each test is one rule.
struct Journey {
  Cascade cascade;
  PeerView peer{};
  SpeculationBudget budget{};
  Timing timing{};
  Tick now{1'000'000'000};
  CascadeActions last{};

  Journey(MessageType type, std::initializer_list<ChannelId> roads,
          std::optional<ChannelId> via = std::nullopt)
      : cascade(type, via) {
    for (const ChannelId id : roads) peer[id] = {.configured = true, .trial_open = true};
  }
  Journey& feel(CascadeEvent event) {
    last = cascade.step(event, {peer, budget, timing, now});
    return *this;
  }
  Journey& begin() { return feel({.kind = Kind::begin}); }
  Journey& fault(ChannelId id, unsigned attempt) { return feel({Kind::fault, id, attempt}); }
  Journey& after(Micros span) {
    now = now + span;
    return feel({.kind = Kind::timer});
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const CascadeAction& action : last) {
      if (const T* one = std::get_if<T>(&action)) found.push_back(*one);
    }
    return found;
  }
  // The channels that the last step started, in order.
  std::vector<ChannelId> started() const {
    std::vector<ChannelId> ids;
    for (const StartAttempt& start : all<StartAttempt>()) ids.push_back(start.channel);
    return ids;
  }
};

using Roads = std::vector<ChannelId>;

TEST(Cascade, starts_the_best_road_and_arms_its_stagger) {
  Journey j(MessageType::context, {nats, http});
  EXPECT_EQ(j.begin().started(), Roads{nats});
  ASSERT_EQ(j.all<ArmTimer>().size(), 1U);
  EXPECT_EQ(j.all<ArmTimer>()[0].at, j.now + Millis{250});
}

TEST(Cascade, a_fault_starts_the_next_road_at_once) {
  Journey j(MessageType::context, {nats, http});
  EXPECT_EQ(j.begin().fault(nats, 1).started(), Roads{http});
}

TEST(Cascade, a_stagger_starts_the_next_road_beside_the_first) {
  Journey j(MessageType::context, {nats, http});
  EXPECT_EQ(j.begin().after(Millis{250}).started(), Roads{http});
  EXPECT_TRUE(j.all<StartAttempt>()[0].speculative);
}

TEST(Cascade, a_timer_that_comes_early_changes_nothing) {
  Journey j(MessageType::context, {nats, http});
  EXPECT_TRUE(j.begin().after(Millis{249}).last.empty());
}

TEST(Cascade, the_stagger_of_an_attempt_that_had_to_wait_begins_when_it_leaves) {
  Journey j(MessageType::context, {nats, http});
  j.begin();
  j.now = j.now + Millis{200};
  j.feel({Kind::sent, nats, 1});
  EXPECT_EQ(j.all<ArmTimer>()[0].at, j.now + Millis{250});
  EXPECT_TRUE(j.after(Millis{50}).started().empty());
}

TEST(Cascade, a_road_without_a_free_place_is_left_only_where_it_is_doubted) {
  Journey j(MessageType::context, {nats, http});
  j.peer[nats].full = true;
  EXPECT_TRUE(j.begin().after(Millis{250}).started().empty());
  j.peer[nats].suspect = true;
  EXPECT_EQ(j.after(Millis{250}).started(), Roads{http});
}

TEST(Cascade, the_ssh_set_starts_only_when_every_fast_road_is_overdue) {
  Journey j(MessageType::repair, {nats, http, ssh});
  EXPECT_EQ(j.begin().started(), Roads{nats});
  EXPECT_EQ(j.after(Millis{250}).started(), Roads{http});
  EXPECT_EQ(j.after(Millis{250}).started(), Roads{ssh});
}

TEST(Cascade, broken_roads_are_passed_over) {
  Journey j(MessageType::context, {nats, http});
  j.peer[nats].health = HealthState::broken;
  EXPECT_EQ(j.begin().started(), Roads{http});
}

TEST(Cascade, a_fault_of_a_road_already_left_starts_nothing) {
  Journey j(MessageType::context, {nats, http, relay});
  j.begin().after(Millis{250});
  EXPECT_TRUE(j.fault(nats, 1).started().empty());
}

TEST(Cascade, an_alert_falls_back_to_the_first_strong_road_three_times) {
  Journey j(MessageType::alert, {http});
  EXPECT_EQ(j.begin().started(), Roads{http});
  EXPECT_EQ(j.fault(http, 1).started(), Roads{http});
  EXPECT_EQ(j.fault(http, 2).started(), Roads{http});
  EXPECT_EQ(j.fault(http, 3).all<Park>().size(), 1U);
}

TEST(Cascade, a_broadcast_that_failed_on_its_first_road_is_parked) {
  Journey j(MessageType::broadcast, {nats, http, git});
  EXPECT_EQ(j.begin().fault(nats, 1).all<Park>().size(), 1U);
  EXPECT_EQ(j.cascade.state(), CascadeState::parked);
}

TEST(Cascade, parking_waits_for_the_attempts_that_are_still_out) {
  Journey j(MessageType::context, {nats, http});
  j.begin().after(Millis{250}).after(Millis{250});
  EXPECT_TRUE(j.fault(http, 2).last.empty());
  EXPECT_EQ(j.fault(nats, 1).all<Park>().size(), 1U);
}

TEST(Cascade, a_verdict_and_the_end_of_the_same_attempt_count_once) {
  Journey j(MessageType::context, {nats, http});
  j.begin().after(Millis{250}).after(Millis{250});
  j.fault(nats, 1);
  EXPECT_TRUE(j.fault(nats, 1).last.empty());
  EXPECT_EQ(j.fault(http, 2).all<Park>().size(), 1U);
}

TEST(Cascade, the_reasons_for_parking_differ) {
  Journey none(MessageType::context, {});
  EXPECT_EQ(none.begin().all<Park>().at(0).why, Park::Why::no_channel);
  Journey broken(MessageType::context, {nats});
  broken.peer[nats] = {.configured = true, .health = HealthState::broken, .trial_open = false};
  EXPECT_EQ(broken.begin().all<Park>().at(0).why, Park::Why::all_broken);
  Journey exhausted(MessageType::context, {nats});
  EXPECT_EQ(exhausted.begin().fault(nats, 1).all<Park>().at(0).why, Park::Why::exhausted);
}

TEST(Cascade, what_is_parked_is_resent_with_growing_waits) {
  Journey j(MessageType::context, {nats});
  j.begin().fault(nats, 1);
  EXPECT_EQ(j.all<ArmTimer>()[0].at - j.now, Seconds{2});
  EXPECT_EQ(j.after(Seconds{2}).started(), Roads{nats});
  EXPECT_EQ(j.fault(nats, 2).all<ArmTimer>()[0].at - j.now, Seconds{4});
}

TEST(Cascade, life_restarts_what_is_parked_and_what_has_come_to_heavy_roads) {
  Journey parked(MessageType::context, {nats});
  EXPECT_EQ(parked.begin().fault(nats, 1).feel({.kind = Kind::peer_alive}).started(), Roads{nats});
  Journey heavy(MessageType::context, {nats, git});
  EXPECT_EQ(heavy.begin().fault(nats, 1).started(), Roads{git});
  EXPECT_EQ(heavy.feel({.kind = Kind::peer_alive}).started(), Roads{nats});
}

TEST(Cascade, life_does_not_disturb_a_fast_attempt) {
  Journey j(MessageType::context, {nats, http});
  EXPECT_TRUE(j.begin().feel({.kind = Kind::peer_alive}).last.empty());
}

TEST(Cascade, a_receipt_ends_it_from_wherever_it_comes) {
  Journey j(MessageType::context, {nats, http});
  j.begin().feel({.kind = Kind::receipted});
  EXPECT_EQ(j.all<Finish>().at(0).state, Finish::State::stored);
  EXPECT_TRUE(j.fault(nats, 1).last.empty());
}

TEST(Cascade, each_end_has_its_name) {
  const std::pair<Kind, Finish::State> ends[] = {{Kind::receipted, Finish::State::stored},
                                                 {Kind::rejected, Finish::State::rejected},
                                                 {Kind::cancelled, Finish::State::cancelled},
                                                 {Kind::expired, Finish::State::expired}};
  for (const auto& [kind, state] : ends) {
    Journey j(MessageType::task, {nats});
    EXPECT_EQ(j.begin().feel({.kind = kind}).all<Finish>().at(0).state, state);
    EXPECT_EQ(j.cascade.state(), CascadeState::finished);
  }
}

TEST(Cascade, no_action_stops_an_attempt) {
  // The variant is the whole vocabulary; a loser cannot be cancelled because there is no word for
  // it.
  static_assert(std::variant_size_v<CascadeAction> == 4);
  Journey j(MessageType::context, {nats, http});
  j.begin().after(Millis{250}).feel({.kind = Kind::receipted});
  EXPECT_EQ(j.last.size(), 1U);
}

TEST(Cascade, back_pressure_without_a_time_waits_a_second) {
  Journey j(MessageType::context, {nats, http});
  j.begin().feel({.kind = Kind::back_pressure, .channel = nats, .attempt = 1});
  EXPECT_EQ(j.cascade.state(), CascadeState::pressed);
  EXPECT_EQ(j.all<ArmTimer>().at(0).at, j.now + Seconds{1});
  EXPECT_TRUE(j.feel({.kind = Kind::peer_alive}).last.empty());
  EXPECT_TRUE(j.feel({Kind::channel_up, http, 0}).last.empty());
  EXPECT_EQ(j.after(Seconds{1}).started(), Roads{nats});
}

TEST(Cascade, a_hops_word_holds_back_weak_roads_until_its_receipt_is_overdue) {
  Journey j(MessageType::task, {relay, seed});
  j.begin().feel({Kind::handed, relay, 1});
  EXPECT_EQ(j.cascade.state(), CascadeState::held_back);
  EXPECT_TRUE(j.after(Millis{29'999}).started().empty());
  EXPECT_EQ(j.after(Millis{1}).started(), Roads{seed});
}

TEST(Cascade, a_weak_success_of_a_parked_message_holds_it_back) {
  Journey j(MessageType::task, {git});
  j.begin().fault(git, 1);
  j.feel({Kind::handed, git, 1});
  EXPECT_EQ(j.cascade.state(), CascadeState::held_back);
  EXPECT_EQ(j.all<ArmTimer>().at(0).why, ArmTimer::Why::receipt);
}

TEST(Cascade, a_road_that_comes_up_is_taken_before_a_heavy_one_is_done) {
  Journey j(MessageType::context, {nats, git});
  j.peer[nats].health = HealthState::broken;
  EXPECT_EQ(j.begin().started(), Roads{git});
  j.peer[nats].health = HealthState::healthy;
  EXPECT_EQ(j.feel({Kind::channel_up, nats, 0}).started(), Roads{nats});
}

TEST(Cascade, a_road_that_comes_up_brings_a_parked_message_back) {
  Journey j(MessageType::context, {nats});
  j.peer[nats] = {.configured = true, .health = HealthState::broken, .trial_open = false};
  j.begin();
  j.peer[nats].health = HealthState::healing;
  EXPECT_EQ(j.feel({Kind::channel_up, nats, 0}).started(), Roads{nats});
}

TEST(Cascade, a_road_that_the_message_may_not_take_does_not_bring_it_back) {
  Journey j(MessageType::broadcast, {nats, git});
  j.begin().fault(nats, 1);
  EXPECT_TRUE(j.feel({Kind::channel_up, git, 0}).last.empty());
}

TEST(Cascade, a_silent_peer_is_woken_beside_the_first_start) {
  Journey j(MessageType::task, {nats, wol});
  j.peer.silent = true;
  EXPECT_EQ(j.begin().started(), (Roads{nats, wol}));
}

TEST(Cascade, silent_bookkeeping_wakes_nobody) {
  Journey j(MessageType::sync, {nats, wol});
  j.peer.silent = true;
  EXPECT_EQ(j.begin().started(), Roads{nats});
}

TEST(Cascade, waking_is_no_reason_to_stay_unparked) {
  Journey j(MessageType::task, {nats, wol});
  j.peer.silent = true;
  j.begin();
  EXPECT_EQ(j.fault(nats, 1).all<Park>().size(), 1U);
}

TEST(Cascade, a_named_road_is_the_only_one) {
  Journey j(MessageType::context, {nats, http, git}, http);
  EXPECT_EQ(j.begin().started(), Roads{http});
  EXPECT_EQ(j.fault(http, 1).all<Park>().size(), 1U);
}

TEST(Cascade, attempts_are_numbered_over_all_passes) {
  Journey j(MessageType::context, {nats, http});
  j.begin().fault(nats, 1).fault(http, 2).feel({.kind = Kind::peer_alive});
  EXPECT_EQ(j.all<StartAttempt>().at(0).attempt, 3U);
}

}  // namespace
}  // namespace fleet::core
