// The four packets of pairing as they stand on the wire, and the two sealed letters inside them.
// Field lists and strict reading only; what they mean is pair_exchange's business. Bytes are
// base64url.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/fields.h"
#include "fleet/base/result.h"
#include "fleet/base/strict_json.h"

namespace fleet::trust {

inline constexpr std::size_t kMaxHelloBytes = 1'024;
inline constexpr std::size_t kMaxClaimBytes = 16 * 1'024;
inline constexpr std::size_t kMaxGrantBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxPairAddresses = 16;

struct HelloWire {
  std::int64_t v = 1;
  std::string step = "hello", invite{}, key{}, mac{};

  template <class V>
  void fields(V& f) {
    f.required("v", v, "version", catalogue::between(1, 1));
    f.required_choice("step", step, {"hello"}, "which packet");
    f.required("invite", invite, "id of the invite", catalogue::at_most_bytes(64));
    f.required("key", key, "the joiner's ephemeral key", catalogue::at_most_bytes(64));
    f.required("mac", mac, "under the invite's secret", catalogue::at_most_bytes(64));
  }
};

struct WelcomeWire {
  std::int64_t v = 1;
  std::string step = "welcome", session{}, key{}, mac{};

  template <class V>
  void fields(V& f) {
    f.required("v", v, "version", catalogue::between(1, 1));
    f.required_choice("step", step, {"welcome"}, "which packet");
    f.required("session", session, "of this exchange", catalogue::at_most_bytes(64));
    f.required("key", key, "the inviter's ephemeral key", catalogue::at_most_bytes(64));
    f.required("mac", mac, "proves the secret", catalogue::at_most_bytes(64));
  }
};

struct ClaimWire {
  std::int64_t v = 1;
  std::string step = "claim", session{}, box{};

  template <class V>
  void fields(V& f) {
    f.required("v", v, "version", catalogue::between(1, 1));
    f.required_choice("step", step, {"claim"}, "which packet");
    f.required("session", session, "of this exchange", catalogue::at_most_bytes(64));
    f.required("box", box, "the sealed letter", catalogue::at_most_bytes(kMaxClaimBytes));
  }
};

struct GrantWire {
  std::int64_t v = 1;
  std::string step = "grant", box{};

  template <class V>
  void fields(V& f) {
    f.required("v", v, "version", catalogue::between(1, 1));
    f.required_choice("step", step, {"grant"}, "which packet");
    f.required("box", box, "the sealed letter", catalogue::at_most_bytes(kMaxGrantBytes));
  }
};

struct ClaimLetter {
  std::string transcript{}, node{}, sign_key{}, box_key{}, role{}, udp{};
  std::vector<std::string> http{};

  template <class V>
  void fields(V& f) {
    f.required("transcript", transcript, "hash of all before");
    f.required("node", node, "the name it wants", catalogue::at_most_bytes(64));
    f.required("sign_key", sign_key, "Ed25519, public");
    f.required("box_key", box_key, "X25519, public");
    f.required("role", role, "wanted, or empty", catalogue::at_most_bytes(16));
    f.required("http", http, "its addresses", catalogue::at_most_items(kMaxPairAddresses));
    f.required("udp", udp, "its address for heartbeats");
  }
};

struct NodeWire {
  std::string id{}, role{}, udp{};
  std::vector<std::string> http{};

  template <class V>
  void fields(V& f) {
    f.required("id", id, "a member");
    f.required("role", role, "its role");
    f.required("http", http, "its addresses", catalogue::at_most_items(kMaxPairAddresses));
    f.required("udp", udp, "its address for heartbeats");
  }
};

// Either `refused` is filled, or everything else.
struct GrantLetter {
  std::string transcript{}, inviter{}, roster{}, fleet_key_id{}, fleet_key{}, refused{};
  std::vector<NodeWire> nodes{};

  template <class V>
  void fields(V& f) {
    f.required("transcript", transcript, "hash of all before");
    f.required("refused", refused, "why not; empty where granted");
    f.required("inviter", inviter, "the node that speaks");
    f.required("roster", roster, "the signed line", catalogue::at_most_bytes(kMaxGrantBytes));
    f.required("fleet_key_id", fleet_key_id, "K1, K2, …");
    f.required("fleet_key", fleet_key, "32 bytes");
    f.required("nodes", nodes, "who is where", catalogue::at_most_items(10'000));
  }
};

template <class Wire>
std::string wire_text(const Wire& wire) {
  nlohmann::json json;
  catalogue::encode_into(json, wire);
  return json.dump();
}

template <class Wire>
Result<Wire> read_wire(std::string_view bytes, std::size_t most) {
  JsonLimits limits;
  limits.bytes = most;
  limits.keys = 64 * 1024;
  const auto json = parse_strict_json(bytes, limits);
  if (!json) return json.error();
  return catalogue::decode<Wire>(*json);
}

}  // namespace fleet::trust
