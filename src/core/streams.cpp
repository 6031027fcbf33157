#include "fleet/core/streams.h"

#include <algorithm>

#include "fleet/base/plant.h"
#include "fleet/core/receipts.h"

namespace fleet::core {

void SenderStream::make_void(std::uint64_t dseq) {
  if (dseq >= 1 && dseq <= last_) voids_.insert(dseq);
}

void SenderStream::receipted(const StreamReceipt& receipt) {
  for (const SettledRange& range : receipt.settled) voids_.erase(range.first, range.last);
}

std::vector<VoidRange> SenderStream::announce(Epoch epoch, std::size_t limit) const {
  std::vector<VoidRange> ranges;
  for (const DseqSet::Run& run : voids_.runs()) {
    if (ranges.size() == limit) break;
    ranges.push_back({epoch, run.first, run.last});
  }
  return ranges;
}

Arrival ReceiverStream::classify(std::uint64_t dseq) const {
  if (dseq == 0 || refused_.contains(dseq)) return Arrival::refused;
  if (dseq > watermark() && dseq - watermark() > kStreamWindow) return Arrival::beyond;
  if (settled_.contains(dseq) && !except_.contains(dseq)) return Arrival::stored;
  return Arrival::fresh;
}

void ReceiverStream::store(std::uint64_t dseq, std::string_view envelope_hash) {
  except_.erase(dseq);
  refused_.erase(dseq);
  tips_[dseq] = tip_of(envelope_hash);
  settle(dseq, dseq);
}

void ReceiverStream::refuse(std::uint64_t dseq) {
  refused_.insert(dseq);
  except_.insert(dseq);
  settle(dseq, dseq);
}

void ReceiverStream::make_void(std::uint64_t first, std::uint64_t last) {
  if (planted(Plant::void_blocks_watermark)) return;
  first = std::max<std::uint64_t>(first, 1);
  last = std::min(last, watermark() + kStreamWindow);
  for (const DseqSet::Run& gap : settled_.gaps(first, last)) {
    except_.insert(gap.first, gap.last);
    settle(gap.first, gap.last);
  }
}

void ReceiverStream::forget(std::uint64_t up_to) {
  if (up_to < floor_) return;
  except_.erase(1, up_to);
  refused_.erase(1, up_to);
  tips_.erase(tips_.begin(), tips_.upper_bound(up_to));
  floor_ = up_to + 1;
  settle(1, up_to);
}

std::uint64_t ReceiverStream::watermark() const {
  const DseqSet::Run run = settled_.around(1);
  return run.last;
}

std::vector<std::uint64_t> ReceiverStream::missing(std::size_t limit) const {
  std::vector<std::uint64_t> numbers;
  for (const DseqSet::Run& gap : settled_.gaps(1, settled_.greatest())) {
    for (std::uint64_t dseq = gap.first; dseq <= gap.last; ++dseq) {
      if (numbers.size() == limit) return numbers;
      numbers.push_back(dseq);
    }
  }
  return numbers;
}

StreamReceipt ReceiverStream::receipt(Epoch origin_epoch, const ReceiptLimits& limits) const {
  StreamReceipt receipt{.epoch = origin_epoch, .missing = missing(limits.missing)};
  for (const DseqSet::Run& run : settled_.within(floor_, UINT64_MAX)) {
    if (receipt.settled.size() >= limits.ranges) break;
    const auto above = tips_.upper_bound(run.last);
    const bool tipped = above != tips_.begin() && std::prev(above)->first >= run.first;
    const std::uint64_t tip_at = tipped ? std::prev(above)->first : run.first - 1;
    if (tipped) claim({run.first, tip_at, std::prev(above)->second}, limits, receipt);
    claim({tip_at + 1, run.last, ""}, limits, receipt);
  }
  std::sort(receipt.except.begin(), receipt.except.end());
  return receipt;
}

// From the top down, until the exceptions do not fit any more.
void ReceiverStream::claim(SettledRange range, const ReceiptLimits& limits,
                           StreamReceipt& into) const {
  const std::vector<DseqSet::Run> runs = except_.within(range.first, range.last);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    for (std::uint64_t dseq = run->last; dseq >= run->first; --dseq) {
      if (into.except.size() < limits.except) {
        into.except.push_back(dseq);
        continue;
      }
      range.first = dseq + 1;
      if (range.first <= range.last) into.settled.push_back(std::move(range));
      return;
    }
  }
  if (range.first <= range.last) into.settled.push_back(std::move(range));
}

void ReceiverStream::settle(std::uint64_t first, std::uint64_t last) {
  settled_.insert(first, last);
  // One tip per run is enough: the highest one vouches for all below it.
  const DseqSet::Run run = settled_.around(first);
  const auto begin = tips_.lower_bound(run.first);
  const auto end = tips_.upper_bound(run.last);
  if (begin != end) tips_.erase(begin, std::prev(end));
  bound_exceptions();
}

void ReceiverStream::bound_exceptions() {
  while (except_.run_count() > kMaxExceptionRuns) {
    const DseqSet::Run oldest = except_.around(except_.least());
    except_.erase(oldest.first, oldest.last);
    refused_.erase(oldest.first, oldest.last);
    floor_ = std::max(floor_, oldest.last + 1);
  }
}

}  // namespace fleet::core
