#include "services/trust/join.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/trust/config_merge.h"
#include "services/trust/kept_policy.h"
#include "services/trust/signed_roster.h"

namespace fleet::trust {
namespace {

Error has_peers(const Keys& keys, const std::filesystem::path& home) {
  std::string names;
  for (const RosterNode& row : keys.roster.nodes) {
    if (row.id != keys.node) names += (names.empty() ? "" : ", ") + row.id;
  }
  const std::string dir = (home / "keys").string();
  return refuse(Code::conflict, "in_a_fleet",
                "this node is '" + keys.node + "' of a fleet with " + names +
                    " and cannot be in two; to leave it for good, stop the daemon, run mv '" + dir +
                    "' '" + dir + ".left', then join again");
}

// The keys that this node has, where it is a fleet of one; new ones where it is nothing yet.
Result<Seeds> own_seeds(const Crypto& crypto, Rng& rng, const KeyStore& store) {
  if (!store.exists()) return Seeds::random(rng);
  const auto keys = store.load(crypto);
  if (!keys) return keys.error();
  if (keys->roster.nodes.size() > 1) return has_peers(*keys, store.home());
  return store.seeds();
}

std::string reason(const PairTransport::Answer& answer) {
  if (answer.status == 429) return "too many wrong invites came from here; wait a minute";
  if (answer.status == 404) return "no invite is open there, or it is another program";
  return "it answered " + std::to_string(answer.status);
}

bool is_refusal(const PairTransport::Answer& answer) {
  return answer.status == 401 || answer.status == 403;
}

struct Knocked {
  std::string address{};
  std::string claim{};
};

// The first address whose answer proves that it made the invite: others may be anybody's.
Result<Knocked> knock(PairTransport& transport, const PairToken& token, JoinerExchange& exchange) {
  std::string tried;
  bool refused = false;
  for (const std::string& address : token.addresses) {
    const auto answer = transport.post(address, exchange.hello());
    std::string why;
    if (!answer) {
      why = answer.error().message;
    } else if (answer->status != 200) {
      refused = refused || is_refusal(*answer);
      why = reason(*answer);
    } else {
      auto claim = exchange.on_welcome(answer->body);
      if (claim) return Knocked{address, std::move(*claim)};
      why = "it did not prove that it made this invite";
    }
    tried += (tried.empty() ? "" : "; ") + address + ": " + why;
  }
  if (refused) return invite_refused();
  return refuse(Code::unavailable, "inviter_unreachable",
                "no address of the invite leads to the machine that made it (" + tried +
                    "); is its daemon running, and is its port open to this network?");
}

Result<PairGrant> ask(PairTransport& transport, const Knocked& knocked, JoinerExchange& exchange) {
  const auto answer = transport.post(knocked.address, knocked.claim);
  if (!answer) {
    return refuse(Code::unavailable, "answer_lost",
                  "the answer of " + knocked.address + " got lost (" + answer.error().message +
                      "); make a new invite there and join again under the same name");
  }
  if (is_refusal(*answer)) return invite_refused();
  if (answer->status != 200) {
    return refuse(Code::unavailable, knocked.address + ": " + reason(*answer));
  }
  return exchange.on_grant(answer->body);
}

NodeId chief_of(const Roster& roster) {
  const auto found = std::find_if(roster.nodes.begin(), roster.nodes.end(),
                                  [](const auto& row) { return row.role == NodeRole::chief; });
  return found == roster.nodes.end() ? NodeId{} : found->id;
}

// Every other member, with an address where the inviter knew one.
std::vector<NodeAddresses> others(const Roster& roster, const PairGrant& grant,
                                  const NodeId& self) {
  std::vector<NodeAddresses> nodes;
  for (const RosterNode& row : roster.nodes) {
    if (row.id == self) continue;
    NodeAddresses node{row.id, row.role, {}, ""};
    for (const NodeAddresses& known : grant.nodes) {
      if (known.id == row.id) node = {row.id, row.role, known.http, known.udp};
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// Empty where it was done; else what the person should run.
std::optional<std::string> accept_tasks(const std::filesystem::path& home, const Roster& roster,
                                        const std::string& from) {
  if (from.empty()) return std::nullopt;
  const bool by_role = roster.find(from) == nullptr && from == to_string(NodeRole::chief);
  const NodeId node = by_role ? chief_of(roster) : from;
  if (roster.find(node) == nullptr) {
    return "tasks are held: there is no node '" + from +
           "' in the fleet; run: fleet-nerve policy set NODE task accept";
  }
  auto policy = load_policy(home);
  if (!policy) return policy.error().message;
  policy->set(node, Kind::task, Stance::accept);
  const auto saved = save_policy(home, *policy);
  if (!saved) return saved.error().message;
  return std::nullopt;
}

PairClaim claim_of(const Crypto& crypto, const Seeds& seeds, const JoinRequest& request) {
  PairClaim claim;
  claim.node = request.node;
  claim.sign_key = crypto.signing_key(seeds.sign)->public_key();
  claim.box_key = crypto.box_key(seeds.box)->public_key();
  claim.http = request.http;
  claim.udp = request.udp;
  return claim;
}

}  // namespace

Result<Joined> join(const Crypto& crypto, Rng& rng, PairTransport& transport,
                    const JoinRequest& request) {
  if (!valid_node_id(request.node)) {
    return refuse(Code::invalid, "'" + request.node +
                                     "' is no node id (a-z, 0-9 and -, at most 32); name this "
                                     "machine with --node");
  }
  const auto token = parse_token(request.token);
  if (!token) return token.error();
  const KeyStore store(request.home);
  auto seeds = own_seeds(crypto, rng, store);
  if (!seeds) return seeds.error();
  JoinerExchange exchange(crypto, rng, *token, crypto.signing_key(seeds->sign),
                          claim_of(crypto, *seeds, request));
  const auto knocked = knock(transport, *token, exchange);
  if (!knocked) return knocked.error();
  auto grant = ask(transport, *knocked, exchange);
  if (!grant) return grant.error();
  const auto roster = read_first_roster(crypto, token->root_print, grant->roster_line);
  if (!roster) return roster.error();

  FleetFiles files{Secret{}, roster->roster.root_key, grant->inviter, std::move(grant->fleet_key),
                   roster->line};
  if (const auto entered = store.enter(*seeds, files); !entered) return entered.error();
  Joined joined{
      request.node, token->fleet, grant->inviter, others(roster->roster, *grant, request.node), {}};
  const ConfigPatch patch{request.node, chief_of(roster->roster), joined.nodes};
  const auto merged = merge_config(request.home, patch);
  if (!merged) joined.notes.push_back(merged.error().message);
  auto note = accept_tasks(request.home, roster->roster, request.tasks_from);
  if (note) joined.notes.push_back(std::move(*note));
  return joined;
}

}  // namespace fleet::trust
