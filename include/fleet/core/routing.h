// Which channels a message may take, and in which order (R1, R3; types: delivery §3). It knows
// nothing about what was tried already: that is the cascade's business.
#pragma once

#include <array>
#include <cstddef>

#include "fleet/core/peer_view.h"
#include "fleet/model/channel_id.h"
#include "fleet/model/message_type.h"

namespace fleet::core {

// The type's first roads, and what it goes on to when those are exhausted.
enum class Phase { first_roads, rest };

// Channels in order of preference; never more than there are.
class ChannelList {
 public:
  void push_back(ChannelId id) { ids_.at(size_++) = id; }
  const ChannelId* begin() const { return ids_.data(); }
  const ChannelId* end() const { return ids_.data() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ChannelId operator[](std::size_t i) const { return ids_.at(i); }
  bool operator==(const ChannelList& other) const;

 private:
  std::array<ChannelId, kChannelCount> ids_{};
  std::size_t size_ = 0;
};

// policy(type) ∩ configured; where that is empty, the first configured strong road alone.
ChannelSet first_roads(MessageType type, ChannelSet configured);

// Every road of the phase, whatever its health.
ChannelSet roads(MessageType type, ChannelSet configured, Phase phase);

// Those that may be used: set by set, healthy before degraded, then by priority. Broken and healing
// ones are not among them.
ChannelList candidates(ChannelSet roads, const PeerView& peer);
ChannelList candidates(MessageType type, const PeerView& peer, Phase phase);

// The order of the heavy set differs from the numbers: wake, git, text and only then the cloud.
const std::array<ChannelId, kChannelCount>& priority_order();

}  // namespace fleet::core
