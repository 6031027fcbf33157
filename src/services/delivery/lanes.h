// The queues in front of the roads: what waits for one (peer, channel) leaves together, at most 64
// envelopes in a frame and at most two frames unanswered. It knows envelopes as bytes and tickets;
// what an outcome means for a message is its owner's business. (spec: delivery §4)
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "services/delivery/roads.h"

namespace fleet::delivery {

// One message's place in a lane.
struct Ticket {
  std::string id{};      // of the message
  unsigned attempt = 0;  // its cascade's number of this start
  bool half_open = false;
};

// What rides along in one frame. The ride is told how its frame ended; 0: nobody rides.
struct Riders {
  std::string lines{};
  std::uint64_t ride = 0;
};

class Lanes {
 public:
  struct Owner {
    virtual ~Owner() = default;
    // The envelope's line; empty where the message needs no sending any more.
    virtual std::string line(const Ticket& ticket) = 0;
    // What rides along to this peer: receipts, voids.
    virtual Riders riders(const NodeId& peer) = 0;
    virtual void sent(const Ticket& ticket, ChannelId channel) = 0;
    // After the reply frame was read; `settled` tickets have got their receipt by then.
    virtual void ended(const Ticket& ticket, ChannelId channel, const Outcome& outcome) = 0;
    virtual Task<void> read_reply(NodeId peer, ChannelId channel, std::string reply) = 0;
    virtual void ride_ended(std::uint64_t ride, bool arrived) = 0;
  };

  Lanes(Executor loop, Roads& roads, Owner& owner)
      : loop_(std::move(loop)), roads_(roads), owner_(owner) {}

  void enqueue(const NodeId& peer, ChannelId channel, Ticket ticket);
  // Sends the riders alone, where nothing else is about to leave by this lane.
  void push_riders(const NodeId& peer, ChannelId channel);
  // R5: the road gave up on this attempt; its tickets are told, the attempt goes on listening.
  void overdue(const NodeId& peer, ChannelId channel, core::AttemptNo no);
  std::size_t waiting() const;

 private:
  struct Lane {
    std::deque<Ticket> queue{};
    std::map<core::AttemptNo, std::vector<Ticket>> out{};
    bool riders_due = false;
    bool pump_posted = false;
  };
  using Key = std::pair<NodeId, ChannelId>;
  // What one attempt carries.
  struct Load {
    std::vector<Ticket> tickets{};
    std::string frame{};
    std::uint64_t ride = 0;
  };

  void post_pump(const Key& key);
  void pump(const Key& key);
  Load take(Lane& lane, std::size_t max_bytes);
  void launch(const Key& key, Load load);
  Task<void> run(Key key, Load load, RoadAttempt attempt);

  Executor loop_;
  Roads& roads_;
  Owner& owner_;
  std::map<Key, Lane> lanes_{};
};

}  // namespace fleet::delivery
