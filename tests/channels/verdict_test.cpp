#include "channels/verdict.h"

#include <gtest/gtest.h>

namespace fleet::channels {
namespace {

OutcomeKind kind(int status, bool proved) { return outcome_of(status, proved, Millis{0}).kind; }

TEST(Verdict, only_a_proved_200_is_a_success) {
  EXPECT_EQ(kind(200, true), OutcomeKind::receipted);
  EXPECT_EQ(kind(200, false), OutcomeKind::fault);
  EXPECT_EQ(kind(202, true), OutcomeKind::fault);
}

TEST(Verdict, a_rejection_is_final_only_where_the_peer_signed_it) {
  for (const int status : {409, 413, 422}) {
    EXPECT_EQ(kind(status, true), OutcomeKind::rejected) << status;
    EXPECT_EQ(kind(status, false), OutcomeKind::fault) << status;
  }
}

TEST(Verdict, back_pressure_carries_the_time_to_wait) {
  for (const int status : {429, 503, 507}) {
    EXPECT_EQ(kind(status, true), OutcomeKind::back_pressure) << status;
    EXPECT_EQ(outcome_of(status, true, Millis{7'000}).retry_after, Millis{7'000});
    EXPECT_EQ(outcome_of(status, true, Millis{0}).retry_after, Millis{1'000});
  }
}

TEST(Verdict, a_stranger_holds_mail_back_for_five_seconds_at_most) {
  EXPECT_EQ(outcome_of(503, false, Millis{86'000'000}).retry_after, Millis{5'000});
  EXPECT_EQ(outcome_of(503, true, Millis{86'000'000}).retry_after, Millis{300'000});
}

TEST(Verdict, everything_else_is_the_channels_fault) {
  for (const int status : {100, 301, 400, 401, 403, 404, 500, 502}) {
    EXPECT_EQ(kind(status, true), OutcomeKind::fault) << status;
    EXPECT_EQ(kind(status, false), OutcomeKind::fault) << status;
  }
}

}  // namespace
}  // namespace fleet::channels
