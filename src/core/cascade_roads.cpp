// Which channel a cascade may take next: routing's candidates, less what this message tried and
// what a hop's word holds back. Questions only; cascade.cpp acts on the answers.
#include <algorithm>

#include "fleet/core/cascade.h"

namespace fleet::core {

bool Cascade::active() const {
  return state_ == CascadeState::running || state_ == CascadeState::held_back;
}

bool Cascade::in_flight() const {
  return std::any_of(kChannels.begin(), kChannels.end(), [this](ChannelId id) {
    return traits(id).strength != Strength::none && leg(id).in_flight > 0;
  });
}

ChannelSet Cascade::roads(Phase phase, const PeerView& peer) const {
  if (!via_) return core::roads(type_, peer.configured(), phase);
  if (phase == Phase::rest || !peer[*via_].configured) return {};
  return {*via_};
}

std::optional<ChannelId> Cascade::next_candidate(const PeerView& peer) const {
  if (const auto first = untried(Phase::first_roads, peer)) return first;
  return untried(Phase::rest, peer);
}

std::optional<ChannelId> Cascade::untried(Phase phase, const PeerView& peer) const {
  const int tries = phase == Phase::first_roads ? policy(type_).tries : 1;
  for (const ChannelId id : candidates(roads(phase, peer), peer)) {
    if (leg(id).tries < static_cast<unsigned>(tries) && !held_off(id)) return id;
  }
  return std::nullopt;
}

std::optional<ChannelId> Cascade::last_resort(HealthState health, const PeerView& peer) const {
  const ChannelSet first = roads(Phase::first_roads, peer);
  const ChannelSet rest = roads(Phase::rest, peer);
  for (const ChannelId id : priority_order()) {
    const bool ours = first.contains(id) || rest.contains(id);
    const bool open = health == HealthState::healing || peer[id].trial_open;
    if (!ours || !open || peer[id].health != health || leg(id).tries > 0) continue;
    if (traits(id).strength != Strength::none && !held_off(id)) return id;
  }
  return std::nullopt;
}

// R7: a hop's word holds back weak roads and, as a set that answered does (R3), the sets after it.
bool Cascade::held_off(ChannelId id) const {
  if (!receipt_at_) return false;
  if (traits(id).strength != Strength::strong) return true;
  return std::any_of(kChannels.begin(), kChannels.end(), [this, id](ChannelId hop) {
    return leg(hop).state == Leg::State::handed && traits(hop).set < traits(id).set;
  });
}

// R12: of the hop that has it, or else of the best road there is.
Micros Cascade::resend_latency(const CascadeWorld& world) const {
  const PeerView& peer = world.peer;
  const Timing& timing = world.timing;
  if (handed_to_) return expected_latency(*handed_to_, peer[*handed_to_], timing);
  Micros best = kUnknownLatency;
  for (const ChannelId id : kChannels) {
    if (peer[id].configured && peer[id].rto) best = std::min(best, *peer[id].rto);
  }
  return best;
}

}  // namespace fleet::core
