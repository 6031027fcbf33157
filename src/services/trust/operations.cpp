#include <algorithm>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "services/trust/kept_policy.h"
#include "services/trust/service.h"
#include "services/trust/table.h"

namespace fleet::trust {
namespace {

constexpr Millis kInviteLife{15 * 60'000};
constexpr std::size_t kMaxOpenInvites = 16;
constexpr std::size_t kInviteIdBytes = 10;

void add_rules(const Policy& policy, const NodeId& sender, std::vector<PolicyRule>& rules) {
  for (const auto& [kind, stance] : policy.row(sender)) {
    rules.push_back({sender.empty() ? "default" : sender, std::string(to_string(kind)),
                     std::string(to_string(stance))});
  }
}

PolicyReply reply_of(const Policy& policy) {
  PolicyReply reply;
  add_rules(policy, "", reply.rules);
  for (const NodeId& sender : policy.senders()) add_rules(policy, sender, reply.rules);
  return reply;
}

std::string names(const Roster& roster) {
  std::string list;
  for (const RosterNode& row : roster.nodes) list += (list.empty() ? "" : ", ") + row.id;
  return list;
}

}  // namespace

void TrustService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_invite",
         .summary = "Make a one-time invite for another machine; it is good for 15 minutes.",
         .access = catalogue::Access::trust,
         .cli = {.command = "invite", .example = "invite --role worker", .group = "Trust"}},
        &TrustService::invite);
  c.add({.name = "fleet_policy",
         .summary = "Show what this node lets each sender do.",
         .http = {"GET", "/policy"},
         .cli = {.command = "policy show",
                 .example = "policy show",
                 .group = "Trust",
                 .columns = {"sender", "kind", "state"}},
         .hints = {.read_only = true, .idempotent = true}},
        &TrustService::policy);
  c.add({.name = "fleet_policy_set",
         .summary = "Accept, hold or refuse what a sender sends; in force at once.",
         .access = catalogue::Access::trust,
         .cli = {.command = "policy set",
                 .positional = {"sender", "kind", "state"},
                 .example = "policy set mac1 task accept",
                 .group = "Trust",
                 .columns = {"sender", "kind", "state"}},
         .hints = {.idempotent = true}},
        &TrustService::set_policy);
  c.add({.name = "fleet_roster",
         .summary = "List the members of the fleet with their key ids, as the root signed them.",
         .http = {"GET", "/roster"},
         .cli = {.command = "roster",
                 .example = "roster",
                 .group = "Trust",
                 .columns = {"id", "role", "key_id", "self"}},
         .hints = {.read_only = true, .idempotent = true}},
        &TrustService::roster);
}

Result<std::vector<std::string>> TrustService::doors() const {
  if (!root_) {
    return refuse(Code::forbidden, "no_root_key",
                  "only the machine with the fleet's root key can invite; run `fleet-nerve "
                  "invite` on " +
                      (root_holder_.empty() ? std::string("it") : root_holder_));
  }
  // Before anything is handed out: an invite to a closed door would be a lie.
  if (const auto opened = needs_.invited(); !opened) return opened.error();
  std::vector<std::string> addresses;
  for (const NodeAddresses& node : needs_.known()) {
    if (needs_.membership.is_self(node.id)) addresses = node.http;
  }
  if (addresses.size() > kMaxTokenAddresses) addresses.resize(kMaxTokenAddresses);
  if (!addresses.empty()) return addresses;
  return refuse(Code::unavailable, "no_address",
                "this node listens on no address that another machine can reach; set "
                "listen.remote in config.json, e.g. [\"192.168.1.5:8855\"], and start it again");
}

Task<Result<InviteReply>> TrustService::invite(InviteRequest request, catalogue::Caller caller) {
  static_cast<void>(caller);
  auto addresses = doors();
  if (!addresses) co_return addresses.error();
  const Stamp now = needs_.clock.stamp();
  std::erase_if(open_invites_, [now](const auto& invite) { return invite.second <= now; });
  if (open_invites_.size() >= kMaxOpenInvites) {
    co_return refuse(Code::limited, "16 invites are open; use one, or wait until they lapse");
  }
  auto row = std::make_shared<InviteRow>();
  row->id = to_base32(Secret::random(needs_.rng, kInviteIdBytes).reveal());
  row->secret = Secret::random(needs_.rng, kInviteSecretBytes);
  row->role = parse_node_role(request.role).value_or(NodeRole::worker);
  row->expires = now + kInviteLife;
  auto job = [row, now](store::Connection& db) {
    prune_invites(db, now);
    insert_invite(db, *row, now);
  };
  Result<void> stored = co_await needs_.db.write(std::move(job));
  if (!stored) co_return stored.error();
  open_invites_[row->id] = row->expires;
  needs_.events.publish("invite.opened", {{"expires_ms", row->expires.ms}});
  const PairToken token{roster_.roster.fleet,
                        sha256(roster_.roster.root_key),
                        addresses.value(),
                        row->secret.clone(),
                        row->id,
                        row->expires};
  co_return InviteReply{format_token(token), row->expires.ms, std::move(addresses.value())};
}

Task<Result<PolicyReply>> TrustService::policy(catalogue::Nothing request,
                                               catalogue::Caller caller) {
  static_cast<void>(request);
  static_cast<void>(caller);
  co_return reply_of(needs_.policy);
}

Task<Result<PolicyReply>> TrustService::set_policy(PolicySetRequest request,
                                                   catalogue::Caller caller) {
  static_cast<void>(caller);
  const bool everybody = request.sender == "default";
  if (!everybody && roster_.roster.find(request.sender) == nullptr) {
    co_return refuse(Code::not_found, "unknown_peer",
                     "node '" + request.sender + "' is not in the fleet; known: default, " +
                         names(roster_.roster));
  }
  const auto kind = parse_kind(request.kind);
  const auto stance = parse_stance(request.state);
  if (!kind || !stance) co_return refuse(Code::invalid, "no such kind or state");
  co_await turns_.take();
  const Turns::Held held(turns_);
  Policy changed = needs_.policy;
  changed.set(everybody ? NodeId{} : request.sender, *kind, *stance);
  Job save = [home = needs_.store.home(), changed] { return save_policy(home, changed); };
  Result<void> saved = co_await needs_.blocking(std::move(save));
  if (!saved) co_return saved.error();
  needs_.policy = std::move(changed);
  needs_.events.publish(
      "policy.changed",
      {{"sender", request.sender}, {"kind", request.kind}, {"state", request.state}});
  co_return reply_of(needs_.policy);
}

Task<Result<RosterReply>> TrustService::roster(catalogue::Nothing request,
                                               catalogue::Caller caller) {
  static_cast<void>(request);
  static_cast<void>(caller);
  RosterReply reply{roster_.roster.fleet, root_holder_, roster_.roster.seq, {}};
  for (const RosterNode& row : roster_.roster.nodes) {
    reply.nodes.push_back({row.id, std::string(to_string(row.role)), key_id(row.sign_key),
                           row.added.ms, needs_.membership.is_self(row.id)});
  }
  co_return reply;
}

}  // namespace fleet::trust
