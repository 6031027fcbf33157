// What a cascade may know about a peer at one moment: per channel whether it is configured, how it
// is and how fast it is. A plain snapshot; ChannelWatch::view() makes the rows.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "fleet/base/time.h"
#include "fleet/core/channel_health.h"
#include "fleet/model/channel_id.h"

namespace fleet::core {

struct ChannelView {
  bool configured = false;
  HealthState health = HealthState::healthy;
  bool full = false;        // no free place: what starts now leaves later
  bool suspect = false;     // R8: an attempt is overdue and no frame came since
  bool trial_open = false;  // R1: a half-open trial may start
  std::optional<Micros> srtt{};
  std::optional<Micros> rto{};
};

struct PeerView {
  std::array<ChannelView, kChannelCount> channels{};
  bool silent = false;  // R3: three heartbeats missed

  ChannelView& operator[](ChannelId id) { return channels.at(static_cast<std::size_t>(id)); }
  const ChannelView& operator[](ChannelId id) const {
    return channels.at(static_cast<std::size_t>(id));
  }
  ChannelSet configured() const;
  std::optional<Micros> least_fast_srtt() const;
  Micros stagger(ChannelId id, const Timing& timing) const;
};

// R12: what a message handed to this channel should need to its receipt.
Micros expected_latency(ChannelId id, const ChannelView& view, const Timing& timing);

}  // namespace fleet::core
