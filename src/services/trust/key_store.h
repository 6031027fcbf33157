// The node's own keys and the fleet's signed roster, as files: keys/ in FLEET_NERVE_HOME, 0700,
// with 0600 files. What is open to others, somebody else's or a link is refused with the command
// that mends it, never read. It signs nothing and decides nothing about members. Blocking: at
// start, in commands and off the loop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "fleet/base/crypto.h"
#include "fleet/base/rng.h"
#include "fleet/model/roster.h"
#include "services/trust/membership.h"

namespace fleet::trust {

// Proves membership, nothing more: heartbeats are sealed under it.
struct FleetKey {
  std::string id{};  // K1, K2, …
  Secret key{};      // 32 bytes
  FleetKey clone() const { return {id, key.clone()}; }
  // 1, 2, … as heartbeats name it; 0 where the id is none.
  std::uint8_t number() const;
};

struct Keys {
  NodeId node{};  // the roster's name for our signing key
  SigningKeyPtr sign{};
  BoxKeyPtr box{};
  SigningKeyPtr root{};    // null where this node did not make the fleet
  NodeId root_holder{};    // who has the root key, and so can invite
  std::string root_key{};  // 32 bytes, public: what every roster must be signed by
  FleetKey fleet{};
  Roster roster{};
  std::string roster_line{};  // the signed envelope, as on disk and on the wire
  std::string roster_hash{};  // SHA-256 of its payload

  Identity identity() const { return {node, sign, box}; }
};

// The seeds of one node; they outlive a change of fleet.
struct Seeds {
  Secret sign{};
  Secret box{};
  static Seeds random(Rng& rng);
};

// What a node holds of the fleet that it belongs to.
struct FleetFiles {
  Secret root_seed{};  // empty but on the node that made the fleet
  std::string root_key{};
  NodeId root_holder{};
  FleetKey fleet_key{};
  std::string roster_line{};
};

class KeyStore {
 public:
  explicit KeyStore(std::filesystem::path home);

  bool exists() const;
  // Code::config with the command to run where a file may not be trusted; Code::not_found where
  // nothing is here yet.
  Result<Keys> load(const Crypto& crypto) const;
  Result<Seeds> seeds() const;

  // A fleet of one, with this node as its chief. Never overwrites: Code::conflict.
  Result<void> make(const Crypto& crypto, Rng& rng, const NodeId& node, Stamp now) const;
  // Puts the files of another fleet in place of what is here, all of them or none. The caller has
  // checked that nothing is lost by it.
  Result<void> enter(const Seeds& seeds, const FleetFiles& files) const;
  Result<void> save_roster(std::string_view line) const;

  const std::filesystem::path& home() const { return home_; }

 private:
  Result<void> put(const Seeds& seeds, const FleetFiles& files) const;
  Result<void> settle() const;

  std::filesystem::path home_;
  std::filesystem::path dir_;
};

}  // namespace fleet::trust
