#include "fleet/core/receipts.h"

#include <gtest/gtest.h>

#include <array>

namespace fleet::core {
namespace {

constexpr std::array kRanks{Rank::accepted, Rank::handed, Rank::stored, Rank::seen, Rank::done};
constexpr std::array kFlags{Flag::none,    Flag::held, Flag::refused,
                            Flag::expired, Flag::dead, Flag::cancelled};

std::vector<RecipientState> every_state() {
  std::vector<RecipientState> states;
  for (const Rank rank : kRanks) {
    for (const Flag flag : kFlags) states.emplace_back(rank, flag);
  }
  return states;
}

TEST(Receipts, merging_does_not_depend_on_order_or_repetition) {
  const auto states = every_state();
  for (const auto& a : states) {
    EXPECT_EQ(a.merge(a), a);
    for (const auto& b : states) {
      EXPECT_EQ(a.merge(b), b.merge(a));
      EXPECT_GE(a.merge(b).rank(), a.rank());
      for (const auto& c : states) ASSERT_EQ(a.merge(b).merge(c), a.merge(b.merge(c)));
    }
  }
}

TEST(Receipts, a_late_receipt_turns_every_verdict_of_the_sender_into_stored) {
  for (const Flag verdict : {Flag::expired, Flag::dead, Flag::cancelled}) {
    const RecipientState given_up(Rank::handed, verdict);
    EXPECT_EQ(given_up.flag(), verdict);
    EXPECT_TRUE(given_up.settled());
    const RecipientState late = given_up.merge(RecipientState(Rank::stored));
    EXPECT_EQ(late.rank(), Rank::stored);
    EXPECT_EQ(late.flag(), Flag::none);
    EXPECT_TRUE(late.late());
  }
}

TEST(Receipts, a_refusal_stands_beside_any_verdict) {
  const RecipientState expired(Rank::accepted, Flag::expired);
  EXPECT_EQ(expired.merge(RecipientState(Rank::accepted, Flag::refused)).flag(), Flag::refused);
}

TEST(Receipts, what_was_held_is_held_no_more_once_it_was_seen) {
  const RecipientState held(Rank::stored, Flag::held);
  EXPECT_EQ(held.flag(), Flag::held);
  EXPECT_EQ(held.merge(RecipientState(Rank::seen)).flag(), Flag::none);
}

TEST(Receipts, a_state_survives_its_row) {
  for (const auto& state : every_state()) {
    EXPECT_EQ(RecipientState::from_row(state.rank(), state.flags()), state);
  }
}

TEST(Receipts, a_receiver_cannot_speak_for_a_hop_or_give_up_for_the_sender) {
  EXPECT_EQ(state_of({.rank = Rank::handed}), RecipientState());
  EXPECT_EQ(state_of({.rank = Rank::accepted, .flag = Flag::expired}), RecipientState());
  EXPECT_EQ(state_of({.rank = Rank::accepted, .flag = Flag::refused}).flag(), Flag::refused);
  EXPECT_EQ(state_of({.rank = Rank::seen}).rank(), Rank::seen);
}

const std::string kOurs(32, 'a');
const std::string kForeign(32, 'b');

TEST(Receipts, a_range_is_believed_where_its_tip_is_our_own_envelope) {
  EXPECT_TRUE(believe({1, 9, std::string(16, 'a')}, kOurs));
  EXPECT_FALSE(believe({1, 9, std::string(16, 'a')}, kForeign));
  EXPECT_FALSE(believe({1, 9, std::string(16, 'a')}, ""));
}

TEST(Receipts, settled_messages_sorts_what_was_open) {
  const StreamReceipt receipt{.epoch = 7,
                              .settled = {{1, 6, tip_of(kOurs)}, {9, 9, tip_of(kOurs)}},
                              .except = {4},
                              .missing = {7, 8}};
  const std::vector<std::uint64_t> open{2, 4, 6, 7, 9, 12};
  const Settled settled = settled_messages(receipt, open, [](auto) { return kOurs; });
  EXPECT_EQ(settled.stored, (std::vector<std::uint64_t>{2, 6, 9}));
  EXPECT_EQ(settled.refused, std::vector<std::uint64_t>{4});
  EXPECT_EQ(settled.missing, std::vector<std::uint64_t>{7});
}

TEST(Receipts, a_node_with_another_history_believes_nothing) {
  const StreamReceipt receipt{.epoch = 7, .settled = {{1, 6, tip_of(kOurs)}}};
  const std::vector<std::uint64_t> open{2, 4};
  EXPECT_TRUE(settled_messages(receipt, open, [](auto) { return kForeign; }).stored.empty());
  EXPECT_TRUE(settled_messages(receipt, open, [](auto) { return ""; }).stored.empty());
}

TEST(Receipts, a_range_without_a_tip_stores_nothing) {
  const StreamReceipt receipt{.epoch = 7, .settled = {{1, 3, ""}}, .except = {2}};
  const std::vector<std::uint64_t> open{1, 2, 3};
  const Settled settled = settled_messages(receipt, open, [](auto) { return kOurs; });
  EXPECT_TRUE(settled.stored.empty());
  EXPECT_EQ(settled.refused, std::vector<std::uint64_t>{2});
}

}  // namespace
}  // namespace fleet::core
