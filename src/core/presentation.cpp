#include "fleet/core/presentation.h"

#include <algorithm>

namespace fleet::core {

void Presentation::arrived(std::uint64_t dseq, bool alert, Tick now) {
  waiting_.emplace(dseq, Waiting{now, alert});
}

void Presentation::settled(std::uint64_t first, std::uint64_t last) {
  if (last < next_) return;
  passed_.insert(std::max(first, next_), last);
  skip_passed();
}

std::vector<std::uint64_t> Presentation::take_ready(Tick now) {
  std::vector<std::uint64_t> ready;
  take_alerts(ready);
  const std::uint64_t overdue = greatest_overdue(now);
  while (!waiting_.empty()) {
    const std::uint64_t dseq = waiting_.begin()->first;
    if (dseq > next_ && dseq > overdue) break;
    waiting_.erase(waiting_.begin());
    ready.push_back(dseq);
    next_ = std::max(next_, dseq + 1);
    skip_passed();
  }
  return ready;
}

void Presentation::take_alerts(std::vector<std::uint64_t>& ready) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (!at->second.alert) {
      ++at;
      continue;
    }
    const std::uint64_t dseq = at->first;
    at = waiting_.erase(at);
    ready.push_back(dseq);
    settled(dseq, dseq);
  }
}

// Whoever has waited long enough takes everything below along, so that the order stands.
std::uint64_t Presentation::greatest_overdue(Tick now) const {
  std::uint64_t greatest = 0;
  for (const auto& [dseq, waiting] : waiting_) {
    if (now - waiting.since >= kGapWait) greatest = dseq;
  }
  return greatest;
}

std::optional<Tick> Presentation::next_due() const {
  std::optional<Tick> due;
  for (const auto& [dseq, waiting] : waiting_) {
    const Tick end = waiting.since + kGapWait;
    due = std::min(due.value_or(end), end);
  }
  return due;
}

void Presentation::skip_passed() {
  const DseqSet::Run run = passed_.around(next_);
  if (run.first > run.last) return;
  next_ = run.last + 1;
  passed_.erase(run.first, run.last);
}

}  // namespace fleet::core
