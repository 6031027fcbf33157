// The inviter's side of pairing: finds the exchange, asks the table, signs the next roster.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fleet/base/hash.h"
#include "services/trust/config_merge.h"
#include "services/trust/service.h"
#include "services/trust/table.h"
#include "services/trust/turn.h"

namespace fleet::trust {
namespace {

constexpr std::size_t kMaxPending = 16;
constexpr Micros kExchangeLife = Seconds{60};
constexpr std::size_t kMaxNodeIdBytes = 32;

NodeId free_name(const Roster& roster, const NodeId& wanted) {
  for (int n = 2;; ++n) {
    const std::string suffix = "-" + std::to_string(n);
    const NodeId name = wanted.substr(0, kMaxNodeIdBytes - suffix.size()) + suffix;
    if (roster.find(name) == nullptr) return name;
  }
}

Error taken(const Roster& roster, const NodeId& wanted) {
  return refuse(Code::conflict, "name_taken",
                "the fleet has a node '" + wanted +
                    "' already; join again as another one, e.g. "
                    "--node " +
                    free_name(roster, wanted));
}

NodeAddresses addresses_of(const PairClaim& claim, NodeRole role) {
  return {claim.node, role, claim.http, claim.udp};
}

}  // namespace

bool TrustService::invite_open() const {
  const Stamp now = needs_.clock.stamp();
  return std::any_of(open_invites_.begin(), open_invites_.end(),
                     [now](const auto& invite) { return invite.second > now; });
}

Task<Result<std::string>> TrustService::pair_request(std::string body, std::string address) {
  if (tries_.exhausted(address, needs_.clock.now())) {
    Error slow = refuse(Code::limited, "too many wrong invites came from here; wait a minute");
    slow.retry_after_s = 60;
    co_return slow;
  }
  const auto head = read_pair_head(body);
  Result<std::string> answer = invite_refused();
  if (head && head->step == PairStep::hello) {
    answer = on_hello(head->name, body);
  } else if (head) {
    answer = co_await on_claim(head->name, std::move(body));
  }
  if (!answer && answer.error().code == Code::forbidden) tries_.wrong(address, needs_.clock.now());
  co_return answer;
}

Result<std::string> TrustService::on_hello(const std::string& id, const std::string& body) {
  auto row = open_invite(needs_.db.reader(), id, needs_.clock.stamp());
  if (!row || !root_) return invite_refused();
  const InviterExchange::Invite invite{row->id, roster_.roster.fleet,
                                       sha256(roster_.roster.root_key), std::move(row->secret)};
  auto exchange = InviterExchange::start(needs_.crypto, needs_.rng, invite, body);
  if (!exchange) return exchange.error();
  make_room();
  std::string welcome = (*exchange)->welcome();
  const std::string session = (*exchange)->session();
  pending_[session] = {std::move(*exchange), needs_.clock.now() + kExchangeLife};
  return welcome;
}

// Exchanges that ran out go, and the oldest where there are too many.
void TrustService::make_room() {
  const Tick now = needs_.clock.now();
  std::erase_if(pending_, [now](const auto& entry) { return entry.second.until <= now; });
  if (pending_.size() < kMaxPending) return;
  const auto earlier = [](const auto& a, const auto& b) { return a.second.until < b.second.until; };
  pending_.erase(std::min_element(pending_.begin(), pending_.end(), earlier));
}

Task<Result<std::string>> TrustService::on_claim(std::string session, std::string body) {
  // Taken out first: an exchange answers one claim, whatever becomes of it.
  auto found = pending_.extract(session);
  if (found.empty() || found.mapped().until <= needs_.clock.now()) co_return invite_refused();
  InviterExchange& exchange = *found.mapped().exchange;
  auto claim = exchange.on_claim(body);
  if (!claim) co_return claim.error();
  co_await turns_.take();
  const Turns::Held held(turns_);
  Result<std::string> answer = co_await admit(exchange, std::move(claim.value()));
  co_return answer;
}

// In this order: a claim that cannot be met costs no invite, and an invite is consumed durably
// before the roster names whom it let in.
Task<Result<std::string>> TrustService::admit(InviterExchange& exchange, PairClaim claim) {
  const SigningKey& own = *needs_.membership.self().sign;
  const auto invite = open_invite(needs_.db.reader(), exchange.invite(), needs_.clock.stamp());
  if (!invite || !root_) co_return invite_refused();
  auto row = row_for(claim, invite->role);
  if (!row) co_return exchange.refusal(own, row.error());
  Result<bool> won = co_await consume(exchange.invite(), claim.node);
  if (!won) co_return won.error();
  if (!won.value()) co_return invite_refused();
  const NodeAddresses joined = addresses_of(claim, row->role);
  SignedRoster next = with_node(*root_, roster_, std::move(row.value()));
  Result<void> stored = co_await put_in_force(std::move(next), &joined);
  if (!stored) co_return stored.error();
  co_await remember_addresses(joined);
  co_return exchange.grant(own, grant_for(claim.node));
}

Result<RosterNode> TrustService::row_for(const PairClaim& claim, NodeRole given) const {
  const Roster& roster = roster_.roster;
  if (!valid_node_id(claim.node)) {
    return refuse(Code::invalid, "the name is no node id (a-z, 0-9 and -, at most 32); use --node");
  }
  const std::string id = key_id(claim.sign_key);
  if (std::find(roster.revoked.begin(), roster.revoked.end(), id) != roster.revoked.end()) {
    return refuse(Code::forbidden, "the keys of this machine were revoked; move its keys/ away");
  }
  const RosterNode* known = roster.find_key(id);
  if (known != nullptr && known->id != claim.node) {
    return refuse(Code::conflict, "this machine is in the fleet already as '" + known->id +
                                      "'; join again with --node " + known->id);
  }
  const RosterNode* same_name = roster.find(claim.node);
  if (same_name != nullptr && same_name != known) return taken(roster, claim.node);
  // The answer to its first claim got lost: the same node again, in the place that it has.
  if (known != nullptr && known->box_key == claim.box_key) return *known;
  if (known != nullptr) return taken(roster, claim.node);
  if (claim.role && *claim.role != given && *claim.role != NodeRole::worker) {
    return refuse(Code::forbidden, "this invite makes a " + std::string(to_string(given)) +
                                       ", not a " + std::string(to_string(*claim.role)));
  }
  return RosterNode{claim.node, claim.sign_key, claim.box_key, claim.role.value_or(given),
                    needs_.clock.stamp()};
}

Task<Result<bool>> TrustService::consume(std::string invite, NodeId node) {
  const Stamp now = needs_.clock.stamp();
  auto job = [invite, node = std::move(node), now](store::Connection& db) {
    return consume_invite(db, invite, node, now);
  };
  Result<bool> won = co_await needs_.db.write(std::move(job));
  if (won) open_invites_.erase(invite);
  co_return won;
}

Task<Result<void>> TrustService::put_in_force(SignedRoster next, const NodeAddresses* joined) {
  Job save = [store = needs_.store, line = next.line] { return store.save_roster(line); };
  Result<void> saved = co_await needs_.blocking(std::move(save));
  if (!saved) co_return saved;
  roster_ = std::move(next);
  needs_.membership.adopt(roster_.roster);
  needs_.events.publish("roster.changed",
                        {{"seq", roster_.roster.seq}, {"nodes", roster_.roster.nodes.size()}});
  if (joined != nullptr) {
    needs_.events.publish("peer.joined", {{"node", joined->id}, {"role", to_string(joined->role)}});
  }
  for (const Watcher& tell : watchers_) tell(joined);
  co_return Result<void>{};
}

// The member stands whatever becomes of this: its addresses are known until the next start.
Task<void> TrustService::remember_addresses(NodeAddresses joined) {
  ConfigPatch patch;
  patch.nodes.push_back(std::move(joined));
  Job merge = [home = needs_.store.home(), patch = std::move(patch)] {
    return merge_config(home, patch);
  };
  Result<void> merged = co_await needs_.blocking(std::move(merge));
  if (!merged) needs_.events.publish("config.not_written", {{"reason", merged.error().message}});
}

PairGrant TrustService::grant_for(const NodeId& joined) const {
  PairGrant grant;
  grant.inviter = needs_.membership.self().node;
  grant.roster_line = roster_.line;
  grant.fleet_key = fleet_key_.clone();
  for (NodeAddresses& node : needs_.known()) {
    const bool member = roster_.roster.find(node.id) != nullptr;
    if (member && node.id != joined) grant.nodes.push_back(std::move(node));
  }
  return grant;
}

Task<Result<bool>> TrustService::offer_roster(std::string line) {
  if (line == roster_.line) co_return false;
  auto offered = read_roster(needs_.crypto, roster_.roster.root_key, line);
  if (!offered) co_return offered.error();
  co_await turns_.take();
  const Turns::Held held(turns_);
  const auto newer = follows(roster_, offered.value());
  if (!newer || !newer.value()) co_return newer;
  Result<void> stored = co_await put_in_force(std::move(offered.value()), nullptr);
  if (!stored) co_return stored.error();
  co_return true;
}

}  // namespace fleet::trust
