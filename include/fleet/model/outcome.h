// What one attempt over one channel came to, per envelope. A fault is charged to the channel, a
// verdict ends the message, back-pressure charges nobody. (spec: delivery §4)
#pragma once

#include <string>
#include <string_view>

#include "fleet/base/time.h"

namespace fleet {

enum class OutcomeKind {
  receipted,      // strong success: the receiver's signed receipt came back
  handed,         // weak success: a hop's word
  fault,          // refused, reset, unreachable, DNS, no responders, not connected, timeout
  rejected,       // the peer's signed verdict on this message: 409, 413, 422, policy
  back_pressure,  // 429, 503, 507 with Retry-After: the outbox waits, no other road is tried
};

std::string_view to_string(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::fault;
  std::string detail;     // "connection refused", "NATS no responders"; never a body
  Millis retry_after{0};  // with back_pressure
};

}  // namespace fleet
