// What a receiver states about one stream of one origin: ranges it holds, exceptions among them,
// single facts, gaps. The payload of `fn/receipt/1`, signed once per commit group; cumulative, so
// that any later one repairs the loss of an earlier one. (spec: delivery §1)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/base/time.h"
#include "fleet/model/ids.h"
#include "fleet/model/rank.h"

namespace fleet {

// dseqs first..last are settled at the receiver. `tip` is the first 16 bytes of the envelope hash
// of `last`: an origin whose own envelope at `last` hashes otherwise has another history and must
// not believe the range. Empty where `last` is void or refused.
struct SettledRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string tip{};
  bool operator==(const SettledRange&) const = default;
};

struct StreamReceipt {
  Epoch epoch = 0;                       // of the origin
  std::vector<SettledRange> settled{};   // ascending, disjoint; the first starts at 1 if contiguous
  std::vector<std::uint64_t> except{};   // settled but not stored: void or refused
  std::vector<std::uint64_t> missing{};  // gaps the receiver asks for (a NACK)
  bool operator==(const StreamReceipt&) const = default;
};

// One thing that happened to one message at the receiver.
struct ReceiptFact {
  Epoch epoch = 0;
  std::uint64_t dseq = 0;
  Rank rank = Rank::stored;
  Flag flag = Flag::none;
  std::string hash{};    // with stored: all 32 bytes of the envelope hash
  std::string detail{};  // session with seen, reason with refused, result with done
  Stamp at{};
  bool operator==(const ReceiptFact&) const = default;
};

// Signed by an origin: these dseqs expired, were cancelled or died; no gap may wait for them.
struct VoidRange {
  Epoch epoch = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const VoidRange&) const = default;
};

struct Receipt {
  NodeId from{};    // the receiver that states it
  NodeId to{};      // the origin it is for
  Epoch epoch = 0;  // of the receiver
  Stamp ts{};
  std::vector<StreamReceipt> streams{};
  std::vector<ReceiptFact> facts{};
  std::vector<VoidRange> voids{};  // about `from`'s own streams towards `to`
  bool operator==(const Receipt&) const = default;
};

// The JSON payload of an `fn/receipt/1` envelope, and back; decode refuses what it cannot read.
std::string encode_receipt(const Receipt& receipt);
Result<Receipt> decode_receipt(std::string_view payload);

}  // namespace fleet
