#include "fleet/core/speculation.h"

#include <algorithm>

namespace fleet::core {
namespace {

std::int64_t second_of(Tick now) { return now.us / 1'000'000; }

}  // namespace

SpeculationBudget::Bucket& SpeculationBudget::bucket(std::int64_t second) {
  Bucket& slot = buckets_.at(static_cast<std::size_t>(second) % kSpeculationWindow);
  if (slot.second != second) slot = Bucket{second, 0, 0};
  return slot;
}

SpeculationBudget::Bucket SpeculationBudget::total(std::int64_t second) const {
  Bucket sum{second, 0, 0};
  for (const Bucket& slot : buckets_) {
    const bool recent =
        slot.second >= 0 && slot.second + static_cast<std::int64_t>(kSpeculationWindow) > second;
    if (!recent) continue;
    sum.sends += slot.sends;
    sum.spent += slot.spent;
  }
  return sum;
}

void SpeculationBudget::sent(Tick now) { bucket(second_of(now)).sends += 1; }

bool SpeculationBudget::try_spend(Tick now) {
  Bucket& current = bucket(second_of(now));
  const Bucket window = total(current.second);
  const bool within = (window.spent + 1) * 100 <= window.sends * kSpeculationPercent;
  if (current.spent >= kSpeculationFree && !within) return false;
  current.spent += 1;
  return true;
}

void Suspicion::attempt_started(Tick now, Micros stagger) {
  const Tick overdue = now + stagger;
  from_ = std::min(from_.value_or(overdue), overdue);
}

}  // namespace fleet::core
