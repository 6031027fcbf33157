// What this node knows of each peer besides its keys: where it can be reached, when it last showed
// life, what it said of itself. Hints from the network stay hints: an address is used, never
// believed. Delivery routes by it; the heartbeat and every valid frame feed it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fleet/core/liveness.h"
#include "fleet/model/channel_id.h"
#include "fleet/model/ids.h"
#include "io/clock.h"

namespace fleet::peers {

using Addresses = std::map<ChannelId, std::vector<std::string>>;

// What a peer says of itself in its heartbeat.
struct SelfReport {
  std::string branch{}, commit{};
  std::int64_t skew_ms = 0;  // its clock minus ours, as far as a one-way packet can tell
  std::int64_t sessions = 0;
  std::string state{};  // "up"
};

struct PeerRecord {
  core::Liveness liveness{};
  Stamp last_seen{};
  Addresses configured{};
  Addresses learnt{};  // from pairing and heartbeats; delivery's probes prove or pass over them
  // Heartbeats are no channel, so their addresses stand beside the channels'.
  std::vector<std::string> udp{}, udp_learnt{};
  SelfReport report{};
};

class PeerBook {
 public:
  PeerBook(io::Clock& clock, core::Timing timing) : clock_(clock), timing_(timing) {}

  void configure(const NodeId& peer, Addresses addresses);
  void learn(const NodeId& peer, ChannelId channel, const std::string& address);
  void configure_udp(const NodeId& peer, std::vector<std::string> addresses);
  // Where a fresh heartbeat came from.
  void learn_udp(const NodeId& peer, const std::string& address);
  void forget(const NodeId& peer);

  // Configured addresses first, then the learnt ones.
  std::vector<std::string> addresses(const NodeId& peer, ChannelId channel) const;
  std::vector<std::string> udp_addresses(const NodeId& peer) const;
  // Grows with every change of an address; readers may keep what they derived until then.
  std::uint64_t generation() const { return generation_; }

  // A valid frame of this peer, by whatever road; boot 0 where the frame carries none.
  void life(const NodeId& peer, std::uint64_t boot);
  // Time passed: peers may have fallen silent.
  void tick();
  void report(const NodeId& peer, SelfReport report) { records_[peer].report = std::move(report); }

  bool silent(const NodeId& peer) const;
  const std::map<NodeId, PeerRecord>& records() const { return records_; }
  const PeerRecord* find(const NodeId& peer) const;

  // Called after every change of presence; `showed_life` where parked mail should go now.
  using Watcher = std::function<void(const NodeId&, const core::LifeTransition&)>;
  void watch(Watcher watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  void apply(const NodeId& peer, const core::LifeTransition& change);

  io::Clock& clock_;
  core::Timing timing_;
  std::map<NodeId, PeerRecord> records_{};
  std::vector<Watcher> watchers_{};
  std::uint64_t generation_ = 1;
};

}  // namespace fleet::peers
