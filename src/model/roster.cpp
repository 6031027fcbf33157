#include "fleet/model/roster.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "fleet/model/envelope.h"
#include "model/wire_reader.h"

namespace fleet {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxNodes = 10'000;
constexpr std::size_t kKeyBytes = 32;
constexpr std::array<std::string_view, 3> kRoles{"chief", "captain", "worker"};

RosterNode read_node(const json& item, WireReader& outer) {
  WireReader in(item, "roster.nodes");
  RosterNode node{in.node("id"), in.bytes("sign_key", kKeyBytes), in.bytes("box_key", kKeyBytes),
                  NodeRole::worker, Stamp{}};
  const auto role = parse_node_role(in.text("role"));
  if (in.ok() && !role) in.fail("role", "is not a role");
  node.role = role.value_or(NodeRole::worker);
  node.added = Stamp{in.integer("added")};
  outer.absorb(in);
  return node;
}

bool names_and_keys_are_unique(const std::vector<RosterNode>& nodes) {
  std::set<std::string_view> seen;
  return std::all_of(nodes.begin(), nodes.end(), [&seen](const RosterNode& node) {
    return seen.insert(node.id).second && seen.insert(node.sign_key).second;
  });
}

}  // namespace

std::string_view to_string(NodeRole role) { return kRoles.at(static_cast<std::size_t>(role)); }

std::optional<NodeRole> parse_node_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i] == name) return static_cast<NodeRole>(i);
  }
  return std::nullopt;
}

const RosterNode* Roster::find(std::string_view node_id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const RosterNode& node) { return node.id == node_id; });
  return found == nodes.end() ? nullptr : &*found;
}

const RosterNode* Roster::find_key(std::string_view wanted) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const RosterNode& node) {
    return key_id(node.sign_key) == wanted;
  });
  return found == nodes.end() ? nullptr : &*found;
}

std::string encode_roster(const Roster& roster) {
  json out{{"v", kVersion},
           {"fleet", roster.fleet},
           {"root_key", to_base64url(roster.root_key)},
           {"seq", roster.seq},
           {"prev", to_base64url(roster.prev)},
           {"nodes", json::array()},
           {"revoked", roster.revoked}};
  for (const RosterNode& node : roster.nodes) {
    out["nodes"].push_back({{"id", node.id},
                            {"sign_key", to_base64url(node.sign_key)},
                            {"box_key", to_base64url(node.box_key)},
                            {"role", to_string(node.role)},
                            {"added", node.added.ms}});
  }
  return out.dump();
}

Result<Roster> decode_roster(std::string_view payload) {
  JsonLimits limits;
  limits.bytes = 4 * 1024 * 1024;
  limits.keys = 8 * kMaxNodes;
  auto parsed = parse_strict_json(payload, limits);
  if (!parsed) return parsed.error();
  WireReader in(*parsed, "roster");
  if (in.integer("v") != kVersion && in.ok()) in.fail("v", "is a version this node cannot read");
  Roster roster;
  roster.fleet = in.text("fleet");
  roster.root_key = in.bytes("root_key", kKeyBytes);
  roster.seq = in.natural("seq");
  roster.prev = in.bytes("prev");
  for (const json& item : in.items("nodes", kMaxNodes)) roster.nodes.push_back(read_node(item, in));
  roster.revoked = in.texts("revoked", kMaxNodes);
  if (in.ok() && !names_and_keys_are_unique(roster.nodes)) {
    in.fail("nodes", "names a node or a key twice");
  }
  if (!in.ok()) return in.error();
  return roster;
}

}  // namespace fleet
