#include "fleet/core/routing.h"

#include <algorithm>

namespace fleet::core {
namespace {

using enum ChannelId;
constexpr std::array<ChannelId, kChannelCount> kOrder{nats, http, relay, seed, ssh,
                                                      wol,  git,  text,  cloud};
constexpr std::array kSets{RoadSet::fast, RoadSet::ssh, RoadSet::heavy};
constexpr std::array kUsable{HealthState::healthy, HealthState::degraded};

ChannelSet first_strong(ChannelSet configured) {
  for (const ChannelId id : kOrder) {
    if (configured.contains(id) && traits(id).strength == Strength::strong) return {id};
  }
  return {};
}

}  // namespace

bool ChannelList::operator==(const ChannelList& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

const std::array<ChannelId, kChannelCount>& priority_order() { return kOrder; }

ChannelSet first_roads(MessageType type, ChannelSet configured) {
  ChannelSet roads;
  for (const ChannelId id : kOrder) {
    if (policy(type).first_roads.contains(id) && configured.contains(id)) roads.insert(id);
  }
  return roads.empty() ? first_strong(configured) : roads;
}

ChannelSet roads(MessageType type, ChannelSet configured, Phase phase) {
  const ChannelSet first = first_roads(type, configured);
  if (phase == Phase::first_roads) return first;
  if (!policy(type).goes_on) return {};
  ChannelSet rest = configured;
  for (const ChannelId id : kOrder) {
    if (first.contains(id)) rest.erase(id);
  }
  return rest;
}

ChannelList candidates(ChannelSet roads, const PeerView& peer) {
  ChannelList list;
  for (const RoadSet set : kSets) {
    for (const HealthState health : kUsable) {
      for (const ChannelId id : kOrder) {
        const bool fits = traits(id).set == set && peer[id].health == health;
        if (fits && roads.contains(id) && peer[id].configured) list.push_back(id);
      }
    }
  }
  return list;
}

ChannelList candidates(MessageType type, const PeerView& peer, Phase phase) {
  return candidates(roads(type, peer.configured(), phase), peer);
}

}  // namespace fleet::core
