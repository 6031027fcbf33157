// What may be claimed about a message at one recipient. States form a lattice: merging takes the
// greater rank and the union of the facts, so order, repetition and loss do not matter; and a
// receiver's fact beats a sender's verdict (delivery §1).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/model/rank.h"
#include "fleet/model/receipt.h"

namespace fleet::core {

class RecipientState {
 public:
  RecipientState() = default;
  explicit RecipientState(Rank rank, Flag flag = Flag::none);

  Rank rank() const { return rank_; }
  // The one flag worth showing beside the rank.
  Flag flag() const;
  bool has(Flag flag) const { return (flags_ & bit(flag)) != 0; }
  // It was given up (expired, dead, cancelled) and is stored all the same.
  bool late() const;
  bool delivered() const { return rank_ >= Rank::stored; }
  // No resend can change it: receipted, refused, or given up by the sender.
  bool settled() const { return delivered() || flag() != Flag::none; }

  RecipientState merge(const RecipientState& other) const;
  bool operator==(const RecipientState&) const = default;

  // For the store: one byte of flags.
  std::uint8_t flags() const { return flags_; }
  static RecipientState from_row(Rank rank, std::uint8_t flags);

 private:
  static constexpr std::uint8_t bit(Flag flag) {
    return flag == Flag::none ? std::uint8_t{0}
                              : static_cast<std::uint8_t>(1U << static_cast<unsigned>(flag));
  }
  Rank rank_ = Rank::accepted;
  std::uint8_t flags_ = 0;
};

// What one signed fact adds; a fact below `stored` that is no refusal adds nothing (a receiver
// cannot speak for a hop).
RecipientState state_of(const ReceiptFact& fact);

// The bytes of a tip: the first 16 of an envelope hash.
inline constexpr std::size_t kTipBytes = 16;
std::string tip_of(std::string_view envelope_hash);

// Whether an origin may believe that the range is about its own messages. A range without a tip is
// believed too: it may hold exceptions only, and settled_messages() takes nothing else from it.
bool believe(const SettledRange& range, std::string_view own_hash_at_last);

// What a stream receipt says about the messages that the origin still waits for.
struct Settled {
  std::vector<std::uint64_t> stored{};
  std::vector<std::uint64_t> refused{};  // settled there without being stored
  std::vector<std::uint64_t> missing{};  // asked for: to be sent again at once
};
// `open`: dseqs without a receipt, ascending. `own_hash_at`: our envelope's hash, empty if unknown.
Settled settled_messages(const StreamReceipt& receipt, std::span<const std::uint64_t> open,
                         const std::function<std::string(std::uint64_t)>& own_hash_at);

}  // namespace fleet::core
