// Who is there and by which roads: what the book and the roads know, as operations, and the book's
// sense of time. It sends nothing and decides nothing about a peer. Others use book.h directly.
#pragma once

#include <functional>
#include <string>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "fleet/base/result.h"
#include "io/clock.h"
#include "io/signal.h"
#include "io/task.h"
#include "services/peers/book.h"
#include "services/peers/types.h"
#include "services/trust/membership.h"

namespace fleet::delivery {
class Roads;
}

namespace fleet::peers {

class PeersService {
 public:
  struct Needs {
    io::Clock& clock;
    catalogue::EventStream& events;
    const trust::Membership& membership;
    PeerBook& book;
    delivery::Roads& roads;
    ChannelSet offered{};  // the channels this node has at all
    // What this node tells others of itself.
    std::function<SelfReport()> own_report = [] { return SelfReport{}; };
    std::function<Addresses()> own_addresses = [] { return Addresses{}; };
  };
  // From here on every change of presence is an event.
  explicit PeersService(Needs needs);
  static void describe(catalogue::Catalogue& catalogue);

  // Looks each second who fell silent, until stop().
  Task<void> run();
  void stop();

  Task<Result<PeerList>> discover(catalogue::Nothing request, catalogue::Caller caller);
  Task<Result<ChannelList>> channels(ChannelsRequest request, catalogue::Caller caller);

 private:
  void tell(const NodeId& peer, const core::LifeTransition& change);
  PeerItem self_item() const;
  PeerItem item(const trust::Member& member);
  ChannelRow row(const NodeId& peer, ChannelId channel);

  Needs needs_;
  bool stopping_ = false;
  io::Signal stop_{};
};

}  // namespace fleet::peers
