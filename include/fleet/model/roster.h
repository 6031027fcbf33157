// Who belongs to the fleet: the root's signed, monotone list of nodes and their public keys. It
// holds no address (configuration and heartbeats do) and no secret. (spec: security §3)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/base/time.h"
#include "fleet/model/ids.h"

namespace fleet {

enum class NodeRole { chief, captain, worker };
std::string_view to_string(NodeRole role);
std::optional<NodeRole> parse_node_role(std::string_view name);

struct RosterNode {
  NodeId id{};
  std::string sign_key{};  // 32 raw bytes, Ed25519 public
  std::string box_key{};   // 32 raw bytes, X25519 public
  NodeRole role = NodeRole::worker;
  Stamp added{};
  bool operator==(const RosterNode&) const = default;
};

struct Roster {
  std::string fleet{};     // fleet id: base32 of the root key's hash
  std::string root_key{};  // 32 raw bytes, Ed25519 public; signs every roster
  std::uint64_t seq = 0;   // grows by one with every change
  std::string prev{};      // SHA-256 of the payload before this one, or empty
  std::vector<RosterNode> nodes{};
  std::vector<std::string> revoked{};  // key ids that never come back
  bool operator==(const Roster&) const = default;

  const RosterNode* find(std::string_view node_id) const;
  const RosterNode* find_key(std::string_view key_id) const;
};

std::string encode_roster(const Roster& roster);
Result<Roster> decode_roster(std::string_view payload);

}  // namespace fleet
