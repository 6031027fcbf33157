#include "fleet/core/receipts.h"

#include <algorithm>

namespace fleet::core {

RecipientState::RecipientState(Rank rank, Flag flag) : rank_(rank), flags_(bit(flag)) {}

RecipientState RecipientState::from_row(Rank rank, std::uint8_t flags) {
  RecipientState state(rank);
  state.flags_ = flags;
  return state;
}

Flag RecipientState::flag() const {
  if (has(Flag::refused)) return Flag::refused;
  if (rank_ > Rank::stored) return Flag::none;
  if (has(Flag::held)) return Flag::held;
  if (rank_ == Rank::stored) return Flag::none;
  for (const Flag verdict : {Flag::cancelled, Flag::dead, Flag::expired}) {
    if (has(verdict)) return verdict;
  }
  return Flag::none;
}

bool RecipientState::late() const {
  return delivered() && (has(Flag::expired) || has(Flag::dead) || has(Flag::cancelled));
}

RecipientState RecipientState::merge(const RecipientState& other) const {
  return from_row(std::max(rank_, other.rank_), static_cast<std::uint8_t>(flags_ | other.flags_));
}

RecipientState state_of(const ReceiptFact& fact) {
  const Rank rank = fact.rank >= Rank::stored ? fact.rank : Rank::accepted;
  const bool receivers = fact.flag == Flag::held || fact.flag == Flag::refused;
  return RecipientState(rank, receivers ? fact.flag : Flag::none);
}

std::string tip_of(std::string_view envelope_hash) {
  return std::string(envelope_hash.substr(0, kTipBytes));
}

bool believe(const SettledRange& range, std::string_view own_hash_at_last) {
  return range.tip.empty() || range.tip == tip_of(own_hash_at_last);
}

Settled settled_messages(const StreamReceipt& receipt, std::span<const std::uint64_t> open,
                         const std::function<std::string(std::uint64_t)>& own_hash_at) {
  Settled settled;
  const auto listed = [](const std::vector<std::uint64_t>& list, std::uint64_t dseq) {
    return std::find(list.begin(), list.end(), dseq) != list.end();
  };
  for (const SettledRange& range : receipt.settled) {
    const auto begin = std::lower_bound(open.begin(), open.end(), range.first);
    const auto end = std::upper_bound(begin, open.end(), range.last);
    if (begin == end || !believe(range, own_hash_at(range.last))) continue;
    for (auto dseq = begin; dseq != end; ++dseq) {
      if (listed(receipt.except, *dseq)) {
        settled.refused.push_back(*dseq);
      } else if (!range.tip.empty()) {
        settled.stored.push_back(*dseq);
      }
    }
  }
  for (const std::uint64_t dseq : open) {
    if (listed(receipt.missing, dseq)) settled.missing.push_back(dseq);
  }
  return settled;
}

}  // namespace fleet::core
