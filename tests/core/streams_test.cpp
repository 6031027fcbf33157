#include "fleet/core/streams.h"

#include <gtest/gtest.h>

#include <set>

#include "fleet/base/rng.h"
#include "fleet/core/receipts.h"

namespace fleet::core {
namespace {

using Numbers = std::vector<std::uint64_t>;

std::string hash_of(std::uint64_t dseq) {
  std::string hash(32, static_cast<char>('a' + dseq % 26));
  hash.replace(0, 8, std::to_string(10'000'000 + dseq));
  return hash;
}

void store(ReceiverStream& stream, std::initializer_list<std::uint64_t> dseqs) {
  for (const std::uint64_t dseq : dseqs) stream.store(dseq, hash_of(dseq));
}

TEST(SenderStream, numbers_without_a_hole_from_one) {
  SenderStream stream;
  EXPECT_EQ(stream.allocate(), 1U);
  EXPECT_EQ(stream.allocate(), 2U);
  EXPECT_EQ(stream.last(), 2U);
}

TEST(SenderStream, announces_voids_as_ranges_until_they_are_settled_over_there) {
  SenderStream stream(10, {});
  for (const std::uint64_t dseq : {3U, 4U, 5U, 9U}) stream.make_void(dseq);
  EXPECT_EQ(stream.announce(7, 8), (std::vector<VoidRange>{{7, 3, 5}, {7, 9, 9}}));
  EXPECT_EQ(stream.announce(7, 1), (std::vector<VoidRange>{{7, 3, 5}}));
  stream.receipted({.epoch = 7, .settled = {{1, 4, ""}}});
  EXPECT_EQ(stream.announce(7, 8), (std::vector<VoidRange>{{7, 5, 5}, {7, 9, 9}}));
}

TEST(SenderStream, voids_only_what_it_gave_out) {
  SenderStream stream(2, {});
  stream.make_void(0);
  stream.make_void(3);
  EXPECT_TRUE(stream.voids().empty());
}

TEST(ReceiverStream, the_watermark_is_contiguous) {
  ReceiverStream stream;
  EXPECT_EQ(stream.watermark(), 0U);
  store(stream, {1, 2, 4, 5});
  EXPECT_EQ(stream.watermark(), 2U);
  EXPECT_EQ(stream.missing(10), Numbers{3});
  store(stream, {3});
  EXPECT_EQ(stream.watermark(), 5U);
  EXPECT_TRUE(stream.missing(10).empty());
}

TEST(ReceiverStream, a_duplicate_is_known) {
  ReceiverStream stream;
  store(stream, {1, 3});
  EXPECT_EQ(stream.classify(1), Arrival::stored);
  EXPECT_EQ(stream.classify(2), Arrival::fresh);
  EXPECT_EQ(stream.classify(3), Arrival::stored);
}

TEST(ReceiverStream, a_void_range_does_not_block_the_watermark) {
  ReceiverStream stream;
  store(stream, {1, 5});
  stream.make_void(2, 4);
  EXPECT_EQ(stream.watermark(), 5U);
}

TEST(ReceiverStream, a_void_message_that_arrives_late_is_stored_normally) {
  ReceiverStream stream;
  store(stream, {1, 3});
  stream.make_void(2, 2);
  EXPECT_EQ(stream.classify(2), Arrival::fresh);
  store(stream, {2});
  EXPECT_EQ(stream.classify(2), Arrival::stored);
  EXPECT_TRUE(stream.receipt(7).except.empty());
}

TEST(ReceiverStream, a_void_range_never_undoes_what_is_stored) {
  ReceiverStream stream;
  store(stream, {1, 2, 3});
  stream.make_void(1, 5);
  EXPECT_EQ(stream.classify(2), Arrival::stored);
  EXPECT_EQ(stream.receipt(7).except, (Numbers{4, 5}));
}

TEST(ReceiverStream, what_was_refused_is_refused_again_and_blocks_nothing) {
  ReceiverStream stream;
  stream.refuse(1);
  store(stream, {2});
  EXPECT_EQ(stream.classify(1), Arrival::refused);
  EXPECT_EQ(stream.watermark(), 2U);
  EXPECT_EQ(stream.receipt(7).except, Numbers{1});
}

TEST(ReceiverStream, numbers_far_above_the_watermark_are_not_kept) {
  ReceiverStream stream;
  store(stream, {1});
  EXPECT_EQ(stream.classify(1 + kStreamWindow), Arrival::fresh);
  EXPECT_EQ(stream.classify(2 + kStreamWindow), Arrival::beyond);
  EXPECT_EQ(stream.classify(UINT64_MAX), Arrival::beyond);
  EXPECT_EQ(stream.classify(0), Arrival::refused);
  stream.make_void(2, UINT64_MAX);
  EXPECT_EQ(stream.watermark(), 1 + kStreamWindow);
}

TEST(ReceiverStream, a_receipt_states_runs_each_with_the_tip_of_its_last_stored_number) {
  ReceiverStream stream;
  store(stream, {1, 2, 5, 6});
  const StreamReceipt receipt = stream.receipt(7);
  EXPECT_EQ(receipt.epoch, 7U);
  EXPECT_EQ(receipt.settled,
            (std::vector<SettledRange>{{1, 2, tip_of(hash_of(2))}, {5, 6, tip_of(hash_of(6))}}));
  EXPECT_EQ(receipt.missing, (Numbers{3, 4}));
}

TEST(ReceiverStream, a_range_without_a_tip_holds_exceptions_only) {
  ReceiverStream stream;
  store(stream, {1, 2});
  stream.make_void(3, 4);
  const StreamReceipt receipt = stream.receipt(7);
  EXPECT_EQ(receipt.settled, (std::vector<SettledRange>{{1, 2, tip_of(hash_of(2))}, {3, 4, ""}}));
  EXPECT_EQ(receipt.except, (Numbers{3, 4}));
}

TEST(ReceiverStream, exceptions_that_do_not_fit_are_never_claimed) {
  ReceiverStream stream;
  for (std::uint64_t dseq = 1; dseq <= 40; ++dseq) {
    if (dseq % 4 == 0)
      stream.refuse(dseq);
    else
      store(stream, {dseq});
  }
  const StreamReceipt receipt = stream.receipt(7, {.ranges = 8, .except = 3, .missing = 8});
  EXPECT_EQ(receipt.settled.front().first, 25U);
  EXPECT_EQ(receipt.settled.back().last, 39U);
  EXPECT_EQ(receipt.except, (Numbers{28, 32, 36}));
}

TEST(ReceiverStream, old_exceptions_are_forgotten_and_their_part_is_claimed_no_more) {
  ReceiverStream stream;
  for (std::uint64_t dseq = 1; dseq <= 2 * kMaxExceptionRuns + 4; ++dseq) {
    if (dseq % 2 == 0)
      stream.refuse(dseq);
    else
      store(stream, {dseq});
  }
  EXPECT_EQ(stream.classify(2), Arrival::stored);
  const StreamReceipt receipt = stream.receipt(7, {.ranges = 8, .except = 100'000, .missing = 8});
  EXPECT_EQ(receipt.settled.front().first, 5U);
}

TEST(ReceiverStream, what_is_forgotten_stays_settled_and_is_claimed_by_nobody) {
  ReceiverStream stream;
  stream.forget(100'000);
  store(stream, {100'001, 100'003});
  EXPECT_EQ(stream.watermark(), 100'001U);
  EXPECT_EQ(stream.classify(7), Arrival::stored);
  const StreamReceipt receipt = stream.receipt(7);
  EXPECT_EQ(receipt.settled.front().first, 100'001U);
  EXPECT_TRUE(receipt.except.empty());
  EXPECT_EQ(receipt.missing, Numbers{100'002});
}

// Whatever arrives in whatever order, a receipt never says `stored` of what is not.
TEST(ReceiverStream, no_receipt_ever_claims_what_was_not_stored) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRng rng(seed);
    ReceiverStream stream;
    std::set<std::uint64_t> stored;
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t dseq = 1 + rng.below(40);
      switch (rng.below(4)) {
        case 0:
          stream.make_void(dseq, dseq + rng.below(3));
          break;
        case 1:
          if (stream.classify(dseq) == Arrival::fresh) stream.refuse(dseq);
          break;
        default:
          if (stream.classify(dseq) != Arrival::fresh) break;
          stream.store(dseq, hash_of(dseq));
          stored.insert(dseq);
      }
      const ReceiptLimits limits{1 + rng.below(5), rng.below(8), rng.below(5)};
      Numbers open(45);
      for (std::size_t n = 0; n < open.size(); ++n) open[n] = n + 1;
      const Settled settled = settled_messages(stream.receipt(1, limits), open, hash_of);
      for (const std::uint64_t claimed : settled.stored) {
        ASSERT_TRUE(stored.contains(claimed)) << "seed " << seed << ", dseq " << claimed;
      }
      for (const std::uint64_t refused : settled.refused) ASSERT_FALSE(stored.contains(refused));
    }
  }
}

TEST(DseqSet, agrees_with_a_plain_set) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRng rng(seed);
    DseqSet runs;
    std::set<std::uint64_t> plain;
    for (int i = 0; i < 40; ++i) {
      const std::uint64_t first = 1 + rng.below(50);
      const std::uint64_t last = first + rng.below(6);
      const bool in = rng.below(3) > 0;
      in ? runs.insert(first, last) : runs.erase(first, last);
      for (std::uint64_t n = first; n <= last; ++n)
        in ? void(plain.insert(n)) : void(plain.erase(n));
      for (std::uint64_t n = 0; n < 60; ++n) {
        ASSERT_EQ(runs.contains(n), plain.contains(n)) << "seed " << seed << ", number " << n;
      }
    }
    std::size_t counted = 0;
    for (const DseqSet::Run& run : runs.runs()) counted += run.last - run.first + 1;
    EXPECT_EQ(counted, plain.size());
  }
}

TEST(DseqSet, gaps_are_what_within_is_not) {
  DseqSet set;
  set.insert(3, 5);
  set.insert(9);
  using Runs = std::vector<DseqSet::Run>;
  EXPECT_EQ(set.gaps(1, 10), (Runs{{1, 2}, {6, 8}, {10, 10}}));
  EXPECT_EQ(set.within(4, 9), (Runs{{4, 5}, {9, 9}}));
  EXPECT_EQ(set.gaps(3, 5), Runs{});
  EXPECT_EQ(set.gaps(1, 0), Runs{});
}

}  // namespace
}  // namespace fleet::core
