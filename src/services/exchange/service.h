// The one door of every frame, whichever road brought it: sorts its lines, lets each slice take
// what is its own, and composes the frame that goes back. It believes nothing but signatures, and
// has no state besides each peer's allowance. (spec: delivery §1, §4; security §1, §6)
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fleet/core/policy_numbers.h"
#include "io/clock.h"
#include "services/delivery/service.h"
#include "services/inbox/service.h"
#include "services/trust/membership.h"

namespace fleet::exchange {

class ExchangeService final : public delivery::FrameMate {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    const trust::Membership& membership;
    inbox::InboxService& inbox;
    delivery::DeliveryService& delivery;
    catalogue::EventStream& events;
    // A roster line of another member; takes it where it is newer.
    std::function<void(const std::string& line)> offer_roster = [](const std::string&) {};
    // The roster in force, which every peer is given once; empty where none is to be told.
    std::function<std::string()> roster_line = [] { return std::string(); };
  };
  explicit ExchangeService(Needs needs) : needs_(std::move(needs)) {}

  // A frame of `peer`, who proved the hop. The reply frame holds receipts for what was stored, and
  // what waits here for the peer. An error is back-pressure (full, unavailable, limited).
  Task<Result<std::string>> receive(NodeId peer, ChannelId channel, std::string frame);
  // A line that came alone and one-way, such as a receipt in a heartbeat.
  Task<void> receive_line(std::string line);

  // The signed statement for a peer: what is owed to it and what is void; one line, or none.
  std::string statement(const NodeId& peer, std::size_t max_bytes);

  // The roster in force has changed: every peer must have it.
  void spread_roster();

  // delivery::FrameMate
  bool has_riders(const NodeId& peer) override;
  delivery::Riders riders(const NodeId& peer) override;
  void ride_ended(std::uint64_t ride, bool arrived) override;
  Task<void> read_reply(NodeId peer, ChannelId channel, std::string reply) override;

 private:
  struct Sorted {
    std::vector<trust::Verified> messages{};
    std::size_t valid = 0;
    std::size_t receipts = 0;
  };
  // security §10: messages per second, and how many at once.
  struct Allowance {
    double tokens = 0;
    Tick at{};
  };

  using Road = std::optional<ChannelId>;  // by which it came, where by one
  Sorted sort(const std::string& frame, Road via);
  void take_receipt(const trust::Verified& verified, Road via);
  bool allow(const NodeId& peer, std::size_t messages);
  std::string sign(const Receipt& receipt) const;
  Task<Result<std::string>> store(std::vector<trust::Verified> messages, ChannelId channel);

  Needs needs_;
  std::map<NodeId, Allowance> allowances_{};
  // Riders under way: what the peer has heard once the frame that carries them is answered, and no
  // other frame.
  struct Riding {
    NodeId peer{};
    std::vector<std::pair<std::string, Rank>> facts{};
    bool roster = false;
    bool statement = false;
  };
  std::map<std::uint64_t, Riding> riding_{};
  std::uint64_t last_ride_ = 0;
  std::set<NodeId> have_roster_{};
  std::set<NodeId> due_{};  // whose pulled messages are stored and not receipted yet
};

}  // namespace fleet::exchange
