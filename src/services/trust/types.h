// What people see of trust: invitations, policy and the roster. No secret has a field here but the
// token, which exists to be carried.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet::trust {

struct InviteRequest {
  std::string role = "worker";

  template <class V>
  void fields(V& v) {
    v.choice("role", role, {"worker", "captain"}, "what the new node will be");
  }
};

struct InviteReply {
  std::string token{};
  std::int64_t expires_ms = 0;
  std::vector<std::string> addresses{};

  template <class V>
  void fields(V& v) {
    v.required("token", token, "give it to `fleet-nerve join` on the other machine; it works once");
    v.required("expires_ms", expires_ms, "when it lapses, ms since 1970");
    v.required("addresses", addresses, "where the other machine will knock");
  }
};

struct PolicyRule {
  std::string sender{}, kind{}, state{};

  template <class V>
  void fields(V& v) {
    v.required("sender", sender, "a node, or default");
    v.required("kind", kind, "message, task, repair or typing");
    v.required("state", state, "accept, hold or refuse");
  }
};

struct PolicySetRequest {
  std::string sender{}, kind{}, state{};

  template <class V>
  void fields(V& v) {
    v.required("sender", sender, "a node of the fleet, or default");
    v.required_choice("kind", kind, {"message", "task", "repair", "typing"}, "what it sends");
    v.required_choice("state", state, {"accept", "hold", "refuse"}, "what becomes of it here");
  }
};

struct PolicyReply {
  std::vector<PolicyRule> rules{};

  template <class V>
  void fields(V& v) {
    v.required("rules", rules, "the defaults first, then what differs for single senders");
  }
};

struct RosterRow {
  std::string id{}, role{}, key_id{};
  std::int64_t added_ms = 0;
  bool self = false;

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the node's name");
    v.required("role", role, "chief, captain or worker");
    v.required("key_id", key_id, "its signing key; compare it by voice where in doubt");
    v.required("added_ms", added_ms, "when it joined, ms since 1970");
    v.required("self", self, "whether it is this node");
  }
};

struct RosterReply {
  std::string fleet{}, root_holder{};
  std::uint64_t seq = 0;
  std::vector<RosterRow> nodes{};

  template <class V>
  void fields(V& v) {
    v.required("fleet", fleet, "the fleet's name: its root key's id");
    v.required("seq", seq, "grows with every change");
    v.required("root_holder", root_holder, "the node that can invite");
    v.required("nodes", nodes, "every member");
  }
};

}  // namespace fleet::trust
