#include "fleet/core/speculation.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

constexpr Tick kNow{50'000'000};

TEST(SpeculationBudget, two_in_every_second_are_free) {
  SpeculationBudget budget;
  EXPECT_TRUE(budget.try_spend(kNow));
  EXPECT_TRUE(budget.try_spend(kNow));
  EXPECT_FALSE(budget.try_spend(kNow));
  EXPECT_TRUE(budget.try_spend(kNow + Seconds{1}));
}

TEST(SpeculationBudget, a_tenth_of_the_sends_of_ten_seconds) {
  SpeculationBudget budget;
  for (int i = 0; i < 100; ++i) budget.sent(kNow + Seconds{i % 10});
  int granted = 0;
  while (budget.try_spend(kNow + Seconds{9})) ++granted;
  EXPECT_EQ(granted, 10);
}

TEST(SpeculationBudget, forgets_what_is_older_than_ten_seconds) {
  SpeculationBudget budget;
  for (int i = 0; i < 1'000; ++i) budget.sent(kNow);
  int granted = 0;
  while (budget.try_spend(kNow + Seconds{10})) ++granted;
  EXPECT_EQ(granted, 2);
}

TEST(Suspicion, falls_on_an_attempt_that_is_older_than_its_stagger) {
  Suspicion suspicion;
  suspicion.attempt_started(kNow, Millis{100});
  EXPECT_FALSE(suspicion.suspect(kNow + Millis{100}));
  EXPECT_TRUE(suspicion.suspect(kNow + Millis{101}));
}

TEST(Suspicion, is_cleared_by_any_frame_and_by_nothing_else) {
  Suspicion suspicion;
  suspicion.attempt_started(kNow, Millis{100});
  suspicion.attempt_started(kNow + Seconds{1}, Millis{100});
  EXPECT_TRUE(suspicion.suspect(kNow + Seconds{1}));
  suspicion.frame();
  EXPECT_FALSE(suspicion.suspect(kNow + Seconds{5}));
}

}  // namespace
}  // namespace fleet::core
