// The two ends of a stream (delivery §2). The sender numbers its messages without a hole and says
// which numbers are void; the receiver keeps a contiguous watermark and a sparse set above it, and
// states both in a receipt. Numbers only: bytes, hashes of old envelopes and rows are the store's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/core/dseq_set.h"
#include "fleet/core/policy_numbers.h"
#include "fleet/model/receipt.h"

namespace fleet::core {

class SenderStream {
 public:
  SenderStream() = default;
  // As it was left on disk.
  SenderStream(std::uint64_t last, DseqSet voids) : last_(last), voids_(std::move(voids)) {}

  std::uint64_t allocate() { return ++last_; }
  std::uint64_t last() const { return last_; }
  // It expired, was cancelled or died: no gap may wait for it.
  void make_void(std::uint64_t dseq);
  // A number that turned out to be stored all the same is void no more.
  void stored(std::uint64_t dseq) { voids_.erase(dseq); }
  // What is settled over there need not be announced again.
  void receipted(const StreamReceipt& receipt);
  const DseqSet& voids() const { return voids_; }
  // At most `limit` ranges, oldest first: the lowest gap is the one that blocks.
  std::vector<VoidRange> announce(Epoch epoch, std::size_t limit) const;

 private:
  std::uint64_t last_ = 0;
  DseqSet voids_;
};

enum class Arrival {
  fresh,    // store it; a void number that arrives after all is fresh too
  stored,   // a duplicate, if the bytes agree: the same receipt again, no other effect
  refused,  // was refused, and is again
  beyond,   // further above the watermark than is kept: not now, ask again (back-pressure)
};

// How much of a stream's state one receipt may carry.
struct ReceiptLimits {
  std::size_t ranges = 64;
  std::size_t except = 256;
  std::size_t missing = 64;
};

class ReceiverStream {
 public:
  Arrival classify(std::uint64_t dseq) const;
  void store(std::uint64_t dseq, std::string_view envelope_hash);
  void refuse(std::uint64_t dseq);
  // Numbers above the window are left for a later announcement.
  void make_void(std::uint64_t first, std::uint64_t last);

  // All up to it is settled and its rows are gone: duplicates are known as such, nothing is
  // claimed.
  void forget(std::uint64_t up_to);

  std::uint64_t watermark() const;  // every number up to it is settled
  bool settled(std::uint64_t dseq) const { return settled_.contains(dseq); }
  std::vector<std::uint64_t> missing(std::size_t limit) const;
  // A range is claimed only with all of its exceptions: where they do not fit, the lower part is
  // left out, and a resend of it gets its receipt one by one.
  StreamReceipt receipt(Epoch origin_epoch, const ReceiptLimits& limits = {}) const;

 private:
  void settle(std::uint64_t first, std::uint64_t last);
  void bound_exceptions();
  void claim(SettledRange range, const ReceiptLimits& limits, StreamReceipt& into) const;

  DseqSet settled_;
  DseqSet except_;           // settled, not stored: void or refused
  DseqSet refused_;          // those of them that were refused
  std::uint64_t floor_ = 1;  // below it exceptions are forgotten and nothing is claimed in ranges
  std::map<std::uint64_t, std::string> tips_;  // the last stored number of each settled run
};

}  // namespace fleet::core
