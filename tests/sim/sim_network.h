// The network between simulated nodes: two roads (nats, http) and datagrams, each link one-way with
// its own delay, loss, duplication, cut and clog. It carries bytes and reorders them as delays
// fall; what a node does with a frame is the node's business.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "channels/channel.h"
#include "sim/world.h"

namespace fleet::sim {

struct Link {
  double loss = 0;
  double duplicates = 0;
  Micros delay{500};
  Micros jitter{500};
  bool cut = false;      // nothing arrives and nobody says so
  Tick clogged_until{};  // what is sent earlier arrives after it
};

// What the network must know of a machine. Calls and replies name the life (one process) they are
// for; what is for an earlier life falls to the ground.
struct Station {
  enum class Presence { serving, refusing, dark };
  using Reply = std::function<void(channels::SendOutcome)>;

  virtual ~Station() = default;
  virtual Presence presence() const = 0;
  virtual std::uint64_t life() const = 0;
  virtual void serve(const NodeId& from, ChannelId channel, std::string frame, Reply reply) = 0;
  virtual void datagram(const NodeId& from, std::string bytes) = 0;
  virtual void answered(std::uint64_t call, channels::SendOutcome outcome) = 0;
};

class SimNetwork {
 public:
  explicit SimNetwork(World& world) : world_(world), rng_(world.draws("network")) {}

  void join(const NodeId& name, Station& station) { stations_[name] = &station; }
  Link& link(const NodeId& from, const NodeId& to, ChannelId channel) {
    return links_[{{from, to}, channel}];
  }
  template <class Change>
  void each_link(Change change) {
    for (auto& [key, link] : links_) change(link);
  }
  void set_nats(bool up) { nats_up_ = up; }

  // The answer, if any, comes as from.answered(call, outcome); silence is the caller's to time.
  void call(const NodeId& from, const NodeId& to, ChannelId channel, std::uint64_t call,
            std::string frame);
  void datagram(const NodeId& from, const NodeId& to, std::string bytes);

 private:
  struct Call {
    NodeId from;
    NodeId to;
    ChannelId channel;
    std::uint64_t life;
    std::uint64_t number;
  };
  void arrive(const Call& call, std::string frame);
  void answer(const Call& call, channels::SendOutcome outcome);
  void answer_late(const Call& call, Micros wait, const char* fault);
  Micros travel(const Link& link);

  World& world_;
  SeededRng rng_;
  std::map<NodeId, Station*> stations_{};
  std::map<std::pair<std::pair<NodeId, NodeId>, ChannelId>, Link> links_{};
  bool nats_up_ = true;
};

}  // namespace fleet::sim
