#include "fleet/core/dseq_set.h"

#include <algorithm>

namespace fleet::core {

void DseqSet::insert(std::uint64_t first, std::uint64_t last) {
  if (first > last) return;
  auto at = runs_.upper_bound(first);
  if (at != runs_.begin()) {
    const auto before = std::prev(at);
    if (before->second >= first || before->second + 1 == first) at = before;
  }
  while (at != runs_.end() && at->first - 1 <= last) {
    first = std::min(first, at->first);
    last = std::max(last, at->second);
    at = runs_.erase(at);
  }
  runs_.emplace_hint(at, first, last);
}

void DseqSet::erase(std::uint64_t first, std::uint64_t last) {
  for (const Run& cut : within(first, last)) {
    const Run whole = around(cut.first);
    runs_.erase(whole.first);
    if (whole.first < cut.first) runs_.emplace(whole.first, cut.first - 1);
    if (cut.last < whole.last) runs_.emplace(cut.last + 1, whole.last);
  }
}

bool DseqSet::contains(std::uint64_t dseq) const {
  const Run run = around(dseq);
  return run.first <= run.last;
}

DseqSet::Run DseqSet::around(std::uint64_t dseq) const {
  const auto after = runs_.upper_bound(dseq);
  if (after != runs_.begin()) {
    const auto run = std::prev(after);
    if (run->second >= dseq) return {run->first, run->second};
  }
  return dseq == 0 ? Run{1, 0} : Run{dseq, dseq - 1};
}

std::vector<DseqSet::Run> DseqSet::within(std::uint64_t first, std::uint64_t last) const {
  std::vector<Run> found;
  auto at = runs_.upper_bound(first);
  if (at != runs_.begin() && std::prev(at)->second >= first) --at;
  for (; at != runs_.end() && at->first <= last; ++at) {
    found.push_back({std::max(first, at->first), std::min(last, at->second)});
  }
  return found;
}

std::vector<DseqSet::Run> DseqSet::gaps(std::uint64_t first, std::uint64_t last) const {
  std::vector<Run> found;
  std::uint64_t next = first;
  for (const Run& run : within(first, last)) {
    if (next < run.first) found.push_back({next, run.first - 1});
    next = run.last + 1;
  }
  if (first <= last && next <= last && next >= first) found.push_back({next, last});
  return found;
}

std::vector<DseqSet::Run> DseqSet::runs() const {
  std::vector<Run> all;
  for (const auto& [first, last] : runs_) all.push_back({first, last});
  return all;
}

}  // namespace fleet::core
