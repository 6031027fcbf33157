// What a peer's status means for the message and for the channel; one table for every road whose
// reply carries an HTTP status. (spec: delivery §4, Outcomes)
#pragma once

#include "fleet/base/time.h"
#include "fleet/model/outcome.h"

namespace fleet::channels {

// `proved`: the peer's MAC fits this answer. Only then is anything final; back-pressure is believed
// without it, since whoever is overloaded computes no MAC, but then for 5 s at most.
Outcome outcome_of(int status, bool proved, Millis retry_after);

}  // namespace fleet::channels
