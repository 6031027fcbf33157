// The channels to every peer and how each is doing: it turns a (peer, channel) into a route, feeds
// what attempts came to into the channel's watch, probes what is not healthy, and says when a road
// that could not be used can be. It moves no message. (spec: delivery R1, R5, R11)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "catalogue/event_stream.h"
#include "channels/channel.h"
#include "fleet/base/rng.h"
#include "fleet/core/channel_watch.h"
#include "fleet/core/peer_view.h"
#include "io/clock.h"
#include "services/peers/book.h"
#include "services/trust/membership.h"

namespace fleet::delivery {

using HopSeals = std::function<std::shared_ptr<channels::HopSeal>(const NodeId& peer)>;

// One attempt as its road knows it.
struct RoadAttempt {
  NodeId peer{};
  ChannelId channel = ChannelId::http;
  core::AttemptNo no = 0;
  channels::PeerRoute route{};
  Deadline deadline{};
};

class Roads {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    Rng& rng;
    catalogue::EventStream& events;
    const trust::Membership& membership;
    peers::PeerBook& book;
    HopSeals hop_seals;
    std::vector<std::unique_ptr<channels::Channel>> channels;
    core::Timing timing{};
  };
  // Told of what a road found out by itself.
  struct Listener {
    virtual ~Listener() = default;
    virtual void came_up(const NodeId& peer, ChannelId channel) = 0;
    // R5: these attempts were silent for too long; they still listen.
    virtual void overdue(const NodeId& peer, ChannelId channel, core::AttemptNo no) = 0;
    // A probe's answer may carry frames too.
    virtual void answered(const NodeId& peer, ChannelId channel, std::string reply) = 0;
  };

  explicit Roads(Needs needs);
  void listen(Listener& listener) { listener_ = &listener; }

  core::PeerView view(const NodeId& peer);
  bool may_start(const NodeId& peer, ChannelId channel);
  RoadAttempt start(const NodeId& peer, ChannelId channel, core::AttemptKind kind);
  channels::Channel& channel(ChannelId id) { return *channels_.at(static_cast<std::size_t>(id)); }
  // A late end is a verdict like any other.
  void ended(const RoadAttempt& attempt, const channels::SendOutcome& outcome);
  // A valid frame of the peer over this channel, whoever began the exchange.
  void frame(const NodeId& peer, ChannelId channel);
  // A link, route or connection changed: probe soon.
  void hint(ChannelId channel);
  void hint(const NodeId& peer);  // it showed life after silence

  // Why a channel cannot be used towards a peer; empty where it can.
  std::string not_ready(const NodeId& peer, ChannelId channel);
  const core::ChannelWatch& watched(const NodeId& peer, ChannelId channel) {
    return road(peer, channel).watch;
  }
  const core::Timing& timing() const { return needs_.timing; }

 private:
  struct Road {
    explicit Road(ChannelId id) : watch(id) {}
    core::ChannelWatch watch;
    io::Clock::TimerId timer = 0;
    std::uint64_t generation = 0;  // of the peer book, when `ready` was asked
    bool ready = false;
    bool probing = false;
  };

  Road& road(const NodeId& peer, ChannelId channel);
  bool configured(const NodeId& peer, ChannelId channel);
  channels::PeerRoute route(const NodeId& peer, ChannelId channel);
  core::Moment moment(const NodeId& peer);
  void probe_soon(const NodeId& peer, ChannelId channel);
  void apply(const NodeId& peer, ChannelId channel, const core::Transition& change);
  void arm(const NodeId& peer, ChannelId channel);
  void on_timer(const NodeId& peer, ChannelId channel);
  Task<void> probe(NodeId peer, ChannelId channel);

  Needs needs_;
  std::vector<std::unique_ptr<channels::Channel>> channels_;
  std::map<std::pair<NodeId, ChannelId>, Road> roads_{};
  Listener* listener_ = nullptr;
};

}  // namespace fleet::delivery
