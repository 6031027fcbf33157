// The roster as the fleet passes it on: an fn/roster/1 envelope that the root key signed. Pure
// rules: who signed it, whether it may follow the one in force, and how the next one is made.
#pragma once

#include <string>
#include <string_view>

#include "fleet/base/crypto.h"
#include "fleet/model/envelope.h"
#include "fleet/model/roster.h"

namespace fleet::trust {

struct SignedRoster {
  Roster roster{};
  std::string line{};
  std::string hash{};  // SHA-256 of the payload: the next one's prev
};

// The fleet's name is its root key's id.
std::string fleet_id(std::string_view root_public_key);

SignedRoster sign_roster(const SigningKey& root, Roster roster);
// Signed by the root key that this node pinned, and of its fleet; else Code::unauthenticated.
Result<SignedRoster> read_roster(const Crypto& crypto, std::string_view root_public_key,
                                 std::string_view line);

// The same where only the root key's SHA-256 is known, from an invite.
Result<SignedRoster> read_first_roster(const Crypto& crypto, std::string_view root_print,
                                       std::string_view line);

// True where it replaces the current one, false where it is the same or older. A roster that
// claims to follow the current one directly must name its hash: two of one number are a fault of
// the root, and refused.
Result<bool> follows(const SignedRoster& current, const SignedRoster& next);

// Everything of `current`, one step on. `node` is added, or its row replaced.
SignedRoster with_node(const SigningKey& root, const SignedRoster& current, RosterNode node);

}  // namespace fleet::trust
