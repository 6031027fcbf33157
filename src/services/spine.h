// The slices that every node has and that belong together: peers, inbox, delivery, exchange, wired
// to each other. The daemon and the simulator build a node from this one class, so what is
// simulated is what runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/delivery/service.h"
#include "services/exchange/service.h"
#include "services/inbox/service.h"
#include "services/peers/book.h"
#include "store/migration.h"

namespace fleet {

class Spine {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    Rng& rng;
    store::Database& db;
    const Crypto& crypto;
    catalogue::EventStream& events;
    const trust::Membership& membership;
    const trust::Policy& policy;
    delivery::HopSeals hop_seals;
    std::vector<std::unique_ptr<channels::Channel>> channels;
    core::Timing timing{};
    Epoch epoch = 0;  // fresh at every start
    std::function<void(const std::string&)> offer_roster = [](const std::string&) {};
    std::function<std::string()> roster_line = [] { return std::string(); };
  };
  explicit Spine(Needs needs);

  // Takes up what the last run left open. Nothing may be received before it is done.
  Task<Result<void>> open();
  static store::Migrations migrations();
  // Forgets what was over before `now` − `kept`; bounded work per call, inside a job.
  static void prune(store::Connection& db, Stamp now, Millis kept);

  peers::PeerBook book;
  inbox::InboxService inbox;
  delivery::Roads roads;
  delivery::DeliveryService delivery;
  exchange::ExchangeService exchange;
};

}  // namespace fleet
