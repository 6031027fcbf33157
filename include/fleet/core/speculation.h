// R8, both halves. SpeculationBudget: how many second starts a node may afford beside a channel
// that it has no reason to doubt. Suspicion: when such a reason exists. One budget per node, one
// suspicion per (peer, channel).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "fleet/base/time.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

// ≤ 10 % of the sends of the last 10 s, and at least 2 in every second.
class SpeculationBudget {
 public:
  void sent(Tick now);
  // Takes one start from the budget; false where it is spent.
  bool try_spend(Tick now);

 private:
  struct Bucket {
    std::int64_t second = -1;
    unsigned sends = 0;
    unsigned spent = 0;
  };
  Bucket& bucket(std::int64_t second);
  Bucket total(std::int64_t second) const;

  std::array<Bucket, kSpeculationWindow> buckets_{};
};

// An attempt older than its d with no frame from the channel since; a frame clears it.
class Suspicion {
 public:
  void attempt_started(Tick now, Micros stagger);
  void frame() { from_.reset(); }
  bool suspect(Tick now) const { return from_ && now > *from_; }

 private:
  std::optional<Tick> from_;
};

}  // namespace fleet::core
