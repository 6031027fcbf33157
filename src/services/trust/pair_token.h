// What a person carries from one machine to the other: fn1.<base64url(JSON)>. It names the fleet by
// its root key, says where to knock and holds the one-time secret. (spec: security §3)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/base/secret.h"
#include "fleet/base/time.h"

namespace fleet::trust {

inline constexpr std::size_t kInviteSecretBytes = 16;
inline constexpr std::size_t kMaxTokenAddresses = 3;

struct PairToken {
  std::string fleet{};
  std::string root_print{};  // SHA-256 of the root public key
  std::vector<std::string> addresses{};
  Secret secret{};
  std::string invite{};  // its id
  Stamp expires{};
  PairToken clone() const;
};

std::string format_token(const PairToken& token);
// Never repeats any of the token in its refusal.
Result<PairToken> parse_token(std::string_view text);

}  // namespace fleet::trust
