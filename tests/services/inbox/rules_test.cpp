#include "services/inbox/rules.h"

#include <gtest/gtest.h>

namespace fleet::inbox {
namespace {

constexpr Stamp kNow{1'800'000'000'000};

MessageHeader header(MessageType type = MessageType::context) {
  MessageHeader h;
  h.id = {"mac1", 7, 1};
  h.dseq = 1;
  h.fleet = "f";
  h.from = "mac1";
  h.to = "mac2";
  h.type = type;
  h.ts = kNow;
  h.exp = kNow + policy(type).default_ttl;
  return h;
}

Judgement judged(const MessageHeader& h, std::string_view author = "mac1",
                 const trust::Policy& rules = {}) {
  return judge(h, author, {"mac2", "f", kNow}, rules).judgement;
}

TEST(Door, a_fresh_message_for_this_node_is_accepted) {
  EXPECT_EQ(judged(header()), Judgement::accept);
}

TEST(Door, what_is_not_of_a_stream_to_this_node_is_ignored) {
  EXPECT_EQ(judged(header(), "mac3"), Judgement::ignore) << "from is not the signer";
  MessageHeader other = header();
  other.to = "mac3";
  EXPECT_EQ(judged(other), Judgement::ignore);
  other = header();
  other.fleet = "g";
  EXPECT_EQ(judged(other), Judgement::ignore);
}

TEST(Door, lifetimes_and_times_out_of_bounds_are_refused_and_so_settled) {
  MessageHeader h = header();
  h.exp = h.ts + policy(h.type).max_ttl + Millis{1};
  EXPECT_EQ(judged(h), Judgement::refuse) << "longer than its type allows";
  h = header();
  h.exp = h.ts - Millis{1};
  EXPECT_EQ(judged(h), Judgement::refuse) << "ends before it began";
  h = header();
  h.ts = kNow + std::chrono::hours(25);
  h.exp = h.ts + Millis{1000};
  EXPECT_EQ(judged(h), Judgement::refuse) << "dated in the future";
  h = header();
  h.ts = kNow - std::chrono::hours(2);
  h.exp = kNow - Millis{1};
  EXPECT_EQ(judged(h), Judgement::refuse) << "expired on its way";
}

TEST(Door, the_origins_own_estimate_of_its_clock_is_taken_off) {
  MessageHeader h = header();
  h.skew = std::chrono::hours(-3);  // its clock is three hours behind
  h.ts = kNow - std::chrono::hours(3);
  h.exp = h.ts + Millis{60'000};
  EXPECT_EQ(judged(h), Judgement::accept);
}

TEST(Door, a_task_may_be_dated_ten_minutes_ahead_and_is_held_after_six_hours) {
  trust::Policy rules;
  rules.set("mac1", trust::Kind::task, trust::Stance::accept);
  MessageHeader h = header(MessageType::task);
  EXPECT_EQ(judged(h, "mac1", rules), Judgement::accept);
  h.ts = kNow + std::chrono::minutes(11);
  EXPECT_EQ(judged(h, "mac1", rules), Judgement::refuse);
  h = header(MessageType::task);
  h.ts = kNow - std::chrono::hours(7);
  EXPECT_EQ(judged(h, "mac1", rules), Judgement::hold);
}

TEST(Door, policy_is_the_receivers_own_word_per_sender_and_kind) {
  EXPECT_EQ(judged(header(MessageType::task)), Judgement::hold) << "the default";
  EXPECT_EQ(judged(header(MessageType::repair)), Judgement::refuse) << "the default";
  trust::Policy rules;
  rules.set("mac1", trust::Kind::message, trust::Stance::refuse);
  EXPECT_EQ(judged(header(), "mac1", rules), Judgement::refuse);
  rules.set("mac1", trust::Kind::message, trust::Stance::hold);
  EXPECT_EQ(judged(header(), "mac1", rules), Judgement::hold);
}

TEST(Lateness, is_told_from_a_minute_on) {
  EXPECT_EQ(lateness(kNow, kNow + Millis{59'000}), Seconds{0});
  EXPECT_EQ(lateness(kNow, kNow + Millis{61'000}), Seconds{61});
}

}  // namespace
}  // namespace fleet::inbox
