// R12: when a message without a receipt is sent again. The wait doubles from twice the expected
// latency up to a quarter of an hour; a better channel or a life sign of the peer cuts it short.
#pragma once

#include <optional>

#include "fleet/base/time.h"
#include "fleet/core/peer_view.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

// `passes` counts the whole cascades this message has been through, from 0.
Micros resend_after(Micros latency, unsigned passes, double jitter, const Timing& timing);

// Whether a channel that has just come up is a reason to send at once what was handed elsewhere;
// `handed_latency` is empty where the message was handed to nobody.
bool worth_resending(Micros latency_of_new, std::optional<Micros> handed_latency);

}  // namespace fleet::core
