// Who this node is and whom it believes: its own keys and the roster in force, with every member's
// public keys parsed once. It reads no file and makes no decision about rights (policy.h does).
// Used by every slice that signs, verifies or names a peer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fleet/base/crypto.h"
#include "fleet/model/envelope.h"
#include "fleet/model/roster.h"

namespace fleet::trust {

struct Identity {
  NodeId node{};
  SigningKeyPtr sign{};
  BoxKeyPtr box{};
};

struct Member {
  RosterNode row{};
  std::string key_id{};
  VerifyKeyPtr verify{};
};

class Membership {
 public:
  Membership(const Crypto& crypto, Identity self, Roster roster);

  // Replaces the roster; the caller has checked its signature and its sequence. A row whose keys
  // stay keeps its Member; one that goes is kept aside, for coroutines that are still about it.
  void adopt(Roster roster);

  const Identity& self() const { return self_; }
  const std::string& self_key_id() const { return self_key_id_; }
  const std::string& fleet() const { return roster_.fleet; }
  const Roster& roster() const { return roster_; }
  bool is_self(std::string_view node) const { return node == self_.node; }

  // Null where the node or key is not in the roster. Valid as long as the Membership.
  const Member* find(std::string_view node) const;
  const Member* find_key(std::string_view key_id) const;
  std::vector<NodeId> peers() const;  // every member but this node, by name
  NodeId chief() const;               // empty where the roster names none

  Envelope sign(PayloadType type, std::string payload) const;

 private:
  const Crypto& crypto_;
  Identity self_;
  std::string self_key_id_;
  Roster roster_;
  using Members = std::map<NodeId, Member, std::less<>>;
  Member* place(const RosterNode& row);

  Members members_;
  std::vector<Members::node_type> gone_;
  std::unordered_map<std::string, const Member*> by_key_;
};

// A signed envelope that was checked against the roster: who wrote it, and its payload.
struct Verified {
  const Member* author = nullptr;
  Envelope envelope{};
};
// Size, syntax, roster, signature, in this order; no database is touched. (spec: security §1)
Result<Verified> verify_line(const Membership& membership, std::string_view line);

}  // namespace fleet::trust
