// Trust over time: hands out invites, answers whoever knocks with one, keeps the roster in force
// and passes it on, and sets the policy. It opens no socket: the app brings it /pair requests and
// roster lines. (spec: security §3, §6)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "fleet/base/rng.h"
#include "io/clock.h"
#include "services/trust/key_store.h"
#include "services/trust/pair_exchange.h"
#include "services/trust/policy.h"
#include "services/trust/signed_roster.h"
#include "services/trust/tries.h"
#include "services/trust/turn.h"
#include "services/trust/types.h"
#include "store/database.h"

namespace fleet::trust {

class TrustService {
 public:
  using Job = std::function<Result<void>()>;
  struct Needs {
    io::Clock& clock;
    Rng& rng;
    const Crypto& crypto;
    store::Database& db;
    catalogue::EventStream& events;
    Membership& membership;  // adopts every new roster
    Policy& policy;          // changed in place
    KeyStore store;
    // Writes files away from the loop: the pool in a daemon, in place in a test.
    std::function<Task<Result<void>>(Job)> blocking;
    // Every node this one can say an address of, itself included.
    std::function<std::vector<NodeAddresses>()> known;
    // An invite is about to be given out: opens the door for other machines, or says why not.
    std::function<Result<void>()> invited = [] { return Result<void>{}; };
  };
  // Takes what it needs of the keys: the root key where it is here, the fleet key, the roster.
  TrustService(Needs needs, const Keys& keys);
  static void describe(catalogue::Catalogue& catalogue);

  // Takes up the invites that the last daemon left open. Before the first request.
  void open();

  Task<Result<InviteReply>> invite(InviteRequest request, catalogue::Caller caller);
  Task<Result<PolicyReply>> policy(catalogue::Nothing request, catalogue::Caller caller);
  Task<Result<PolicyReply>> set_policy(PolicySetRequest request, catalogue::Caller caller);
  Task<Result<RosterReply>> roster(catalogue::Nothing request, catalogue::Caller caller);

  // One POST /pair. Code::forbidden for every invite that does not fit, Code::limited after five
  // of them within a minute from one address.
  Task<Result<std::string>> pair_request(std::string body, std::string address);
  bool invite_open() const;

  // The roster in force, for any frame that leaves.
  const std::string& roster_line() const { return roster_.line; }
  // A roster line that rode in on a frame. True where it is in force now, false where it was
  // nothing new; refused where the root did not sign it.
  Task<Result<bool>> offer_roster(std::string line);

  // Told after every change of the roster; `joined` has the new node where this one paired it.
  using Watcher = std::function<void(const NodeAddresses* joined)>;
  void watch(Watcher watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  struct Pending {
    std::unique_ptr<InviterExchange> exchange{};
    Tick until{};
  };

  Result<std::vector<std::string>> doors() const;

  // pairing.cpp
  Result<std::string> on_hello(const std::string& invite, const std::string& body);
  Task<Result<std::string>> on_claim(std::string session, std::string body);
  Task<Result<std::string>> admit(InviterExchange& exchange, PairClaim claim);
  Result<RosterNode> row_for(const PairClaim& claim, NodeRole given) const;
  Task<Result<bool>> consume(std::string invite, NodeId node);
  Task<Result<void>> put_in_force(SignedRoster next, const NodeAddresses* joined);
  Task<void> remember_addresses(NodeAddresses joined);
  PairGrant grant_for(const NodeId& joined) const;
  void make_room();

  Needs needs_;
  SigningKeyPtr root_;
  NodeId root_holder_;
  FleetKey fleet_key_;
  SignedRoster roster_;
  std::map<std::string, Stamp> open_invites_{};  // id → expiry
  std::map<std::string, Pending> pending_{};     // session → exchange
  Tries tries_;
  Turns turns_{};
  std::vector<Watcher> watchers_{};
};

}  // namespace fleet::trust
