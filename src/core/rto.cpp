#include "fleet/core/rto.h"

#include <algorithm>

namespace fleet::core {

// RFC 6298 §2 with α = 1/8 and β = 1/4.
void RttEstimator::sample(Micros rtt) {
  if (!srtt_) {
    srtt_ = rtt;
    rttvar_ = rtt / 2;
    return;
  }
  rttvar_ = (3 * rttvar_ + std::chrono::abs(*srtt_ - rtt)) / 4;
  srtt_ = (7 * *srtt_ + rtt) / 8;
}

std::optional<Micros> RttEstimator::rto() const {
  if (!srtt_) return std::nullopt;
  return *srtt_ + std::max(kRttGranularity, 4 * rttvar_);
}

namespace {

Micros fast_stagger(const StaggerInput& input, const Timing& timing) {
  if (input.suspect || input.health != HealthState::healthy) return kDoubtfulStagger;
  if (!input.rto) return timing.stagger_default;
  const Micros most = std::max(kFastStaggerMax, 2 * input.least_fast_srtt.value_or(Micros{0}));
  return std::clamp(*input.rto, kFastStaggerMin, most);
}

Micros ssh_stagger(const StaggerInput& input) {
  if (!input.rto) return kSshStaggerDefault;
  return std::clamp(2 * *input.rto, kSshStaggerMin, kSshStaggerMax);
}

}  // namespace

Micros stagger(const StaggerInput& input, const Timing& timing) {
  switch (traits(input.channel).set) {
    case RoadSet::fast:
      return fast_stagger(input, timing);
    case RoadSet::ssh:
      return ssh_stagger(input);
    case RoadSet::heavy:
      break;
  }
  return input.channel == ChannelId::wol ? kWakeStagger : timing.cap(input.channel);
}

Micros verdict_after(ChannelId channel, std::optional<Micros> rto, const Timing& timing) {
  const Micros cap = timing.cap(channel);
  return rto ? std::min(cap, std::max(kVerdictMin, kVerdictRtos * *rto)) : cap;
}

}  // namespace fleet::core
