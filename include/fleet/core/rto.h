// Round-trip times and the three waits that follow from them: the retransmission time-out (RFC 6298
// without its 1 s minimum), the stagger d after which the next channel starts (R2), and the time
// after which a silent attempt is a fault (R5). Arithmetic only.
#pragma once

#include <optional>

#include "fleet/base/time.h"
#include "fleet/core/channel_health.h"
#include "fleet/core/policy_numbers.h"
#include "fleet/model/channel_id.h"

namespace fleet::core {

class RttEstimator {
 public:
  void sample(Micros rtt);
  // All empty before the first sample.
  std::optional<Micros> srtt() const { return srtt_; }
  std::optional<Micros> rto() const;
  Micros rttvar() const { return rttvar_; }

 private:
  std::optional<Micros> srtt_;
  Micros rttvar_{0};
};

struct StaggerInput {
  ChannelId channel = ChannelId::nats;
  HealthState health = HealthState::healthy;
  bool suspect = false;
  std::optional<Micros> rto{};
  std::optional<Micros> least_fast_srtt{};  // over the peer's fast roads
};

// R2: how long this attempt may stay unanswered before the next channel starts beside it.
Micros stagger(const StaggerInput& input, const Timing& timing);

// R5: how long it may stay unanswered before that is a fault of the channel.
Micros verdict_after(ChannelId channel, std::optional<Micros> rto, const Timing& timing);

}  // namespace fleet::core
