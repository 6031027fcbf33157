#include "fleet/core/channel_watch.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

constexpr Tick kNow{1'000'000'000};
const Timing kTiming;

Moment at(Micros later) { return {kNow + later}; }

struct Watched : testing::Test {
  ChannelWatch watch{ChannelId::nats};

  AttemptNo start(Micros when, AttemptKind kind = AttemptKind::normal) {
    return watch.started(kind, Millis{100}, at(when), kTiming);
  }
  Transition end(AttemptNo no, AttemptEnd how, Micros when) {
    return watch.ended(no, how, at(when), kTiming);
  }
  void warm_up() {
    for (int i = 0; i < 20; ++i) {
      const AttemptNo no = start(Millis{-10'000 + 10 * i});
      end(no, AttemptEnd::answered, Millis{-10'000 + 10 * i + 5});
    }
  }
};

TEST_F(Watched, an_answer_is_a_sample_of_its_own_attempt) {
  const AttemptNo first = start(Millis{0});
  const AttemptNo second = start(Millis{10});
  end(second, AttemptEnd::answered, Millis{30});
  EXPECT_EQ(watch.rtt().srtt(), Millis{20});
  end(first, AttemptEnd::answered, Millis{100});
  EXPECT_GT(*watch.rtt().srtt(), Millis{20});
}

TEST_F(Watched, at_most_two_attempts_are_unanswered) {
  const AttemptNo first = start(Millis{0});
  EXPECT_TRUE(watch.may_start());
  start(Millis{1});
  EXPECT_FALSE(watch.may_start());
  end(first, AttemptEnd::faulted, Millis{2});
  EXPECT_TRUE(watch.may_start());
}

TEST_F(Watched, silence_becomes_a_fault_at_the_verdict_and_only_once) {
  warm_up();
  const AttemptNo no = start(Millis{0});
  EXPECT_EQ(watch.next_judgement(), kNow + Seconds{1});
  EXPECT_TRUE(watch.judge(at(Millis{999}), kTiming).faulted.empty());
  EXPECT_EQ(watch.judge(at(Seconds{1}), kTiming).faulted, std::vector{no});
  EXPECT_EQ(watch.health().state, HealthState::degraded);
  EXPECT_TRUE(watch.judge(at(Seconds{2}), kTiming).faulted.empty());
  end(no, AttemptEnd::faulted, Seconds{3});
  EXPECT_EQ(watch.health().faults, 1U);
}

TEST_F(Watched, an_answer_after_the_verdict_is_slow_and_still_a_sample) {
  warm_up();
  const AttemptNo no = start(Millis{0});
  watch.judge(at(Seconds{1}), kTiming);
  const Micros before = *watch.rtt().srtt();
  end(no, AttemptEnd::answered, Millis{2'000});
  EXPECT_EQ(watch.health().state, HealthState::degraded);
  EXPECT_GT(*watch.rtt().srtt(), before);
}

TEST_F(Watched, a_judge_that_comes_late_gives_everybody_new_time) {
  warm_up();
  const AttemptNo no = start(Millis{0});
  const Judgement judgement = watch.judge(at(Millis{1'251}), kTiming);
  EXPECT_TRUE(judgement.faulted.empty());
  EXPECT_EQ(watch.health().state, HealthState::healthy);
  EXPECT_EQ(watch.next_judgement(), kNow + Millis{2'251});
  end(no, AttemptEnd::answered, Millis{1'252});
  EXPECT_EQ(watch.health().state, HealthState::healthy);
}

TEST_F(Watched, a_machine_that_slept_excuses_everybody) {
  warm_up();
  start(Millis{0});
  watch.excuse(at(Millis{900}), kTiming);
  EXPECT_EQ(watch.next_judgement(), kNow + Millis{1'900});
}

TEST_F(Watched, a_void_attempt_says_nothing_about_the_channel) {
  const AttemptNo no = start(Millis{0});
  EXPECT_FALSE(end(no, AttemptEnd::void_, Millis{1}).changed());
  EXPECT_FALSE(watch.rtt().srtt());
  EXPECT_TRUE(watch.may_start());
}

TEST_F(Watched, an_end_that_nobody_waits_for_changes_nothing) {
  const AttemptNo no = start(Millis{0});
  end(no, AttemptEnd::answered, Millis{1});
  EXPECT_FALSE(end(no, AttemptEnd::faulted, Millis{2}).changed());
  EXPECT_FALSE(end(99, AttemptEnd::faulted, Millis{2}).changed());
}

TEST_F(Watched, one_trial_at_a_time_and_a_second_between_two) {
  EXPECT_TRUE(watch.view(true, kNow).trial_open);
  const AttemptNo trial = start(Millis{0}, AttemptKind::half_open);
  EXPECT_FALSE(watch.view(true, kNow + Seconds{2}).trial_open);
  end(trial, AttemptEnd::faulted, Millis{10});
  EXPECT_FALSE(watch.view(true, kNow + Millis{999}).trial_open);
  EXPECT_TRUE(watch.view(true, kNow + Seconds{1}).trial_open);
}

TEST_F(Watched, an_overdue_attempt_makes_it_suspect_until_a_frame_comes) {
  start(Millis{0});
  EXPECT_TRUE(watch.view(true, kNow + Millis{101}).suspect);
  watch.frame(at(Millis{150}), kTiming);
  EXPECT_FALSE(watch.view(true, kNow + Millis{151}).suspect);
}

TEST_F(Watched, a_frame_hastens_the_next_probe) {
  end(start(Millis{0}), AttemptEnd::faulted, Millis{1});
  for (int i = 1; i <= 6; ++i)
    end(start(Seconds{i}, AttemptKind::probe), AttemptEnd::faulted, Seconds{i});
  const Tick planned = *watch.health().next_probe;
  watch.frame(at(Seconds{8}), kTiming);
  EXPECT_LT(*watch.health().next_probe, planned);
}

}  // namespace
}  // namespace fleet::core
