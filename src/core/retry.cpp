#include "fleet/core/retry.h"

#include <algorithm>

namespace fleet::core {

Micros resend_after(Micros latency, unsigned passes, double jitter, const Timing& timing) {
  const Micros cap = timing.outbox_max_backoff;
  Micros wait = std::min(2 * latency, cap);
  for (unsigned i = 0; i < passes && wait < cap; ++i) wait *= 2;
  return spread(std::min(wait, cap), jitter);
}

bool worth_resending(Micros latency_of_new, std::optional<Micros> handed_latency) {
  return !handed_latency || latency_of_new < *handed_latency;
}

}  // namespace fleet::core
