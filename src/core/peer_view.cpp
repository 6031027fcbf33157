#include "fleet/core/peer_view.h"

#include <algorithm>

#include "fleet/core/rto.h"

namespace fleet::core {

ChannelSet PeerView::configured() const {
  ChannelSet set;
  for (const ChannelId id : kChannels) {
    if ((*this)[id].configured) set.insert(id);
  }
  return set;
}

std::optional<Micros> PeerView::least_fast_srtt() const {
  std::optional<Micros> least;
  for (const ChannelId id : kChannels) {
    const auto srtt = (*this)[id].srtt;
    if (traits(id).set != RoadSet::fast || !srtt) continue;
    least = std::min(least.value_or(*srtt), *srtt);
  }
  return least;
}

Micros PeerView::stagger(ChannelId id, const Timing& timing) const {
  const ChannelView& view = (*this)[id];
  return core::stagger({.channel = id,
                        .health = view.health,
                        .suspect = view.suspect,
                        .rto = view.rto,
                        .least_fast_srtt = least_fast_srtt()},
                       timing);
}

Micros expected_latency(ChannelId id, const ChannelView& view, const Timing& timing) {
  if (traits(id).strength == Strength::weak) return receipt_wait(id, timing);
  return view.rto.value_or(kUnknownLatency);
}

}  // namespace fleet::core
