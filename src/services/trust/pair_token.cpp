#include "services/trust/pair_token.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "catalogue/fields.h"
#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/strict_json.h"

namespace fleet::trust {
namespace {

constexpr std::string_view kPrefix = "fn1.";
constexpr std::size_t kMaxTokenBytes = 2'048;

struct Wire {
  std::string fleet{}, root{}, secret{}, invite{};
  std::vector<std::string> at{};
  std::int64_t exp = 0;

  template <class V>
  void fields(V& v) {
    v.required("fleet", fleet, "the fleet's name", catalogue::at_most_bytes(64));
    v.required("root", root, "SHA-256 of the root key", catalogue::at_most_bytes(64));
    v.required("at", at, "where to knock", catalogue::at_most_items(kMaxTokenAddresses));
    v.required("secret", secret, "used once", catalogue::at_most_bytes(64));
    v.required("invite", invite, "its id", catalogue::at_most_bytes(64));
    v.required("exp", exp, "ms since 1970");
  }
};

Error not_a_token() {
  return refuse(Code::invalid, "bad_token",
                "that is not a whole invite; copy the line that begins with fn1. as "
                "`fleet-nerve invite` printed it");
}

}  // namespace

PairToken PairToken::clone() const {
  return {fleet, root_print, addresses, secret.clone(), invite, expires};
}

std::string format_token(const PairToken& token) {
  Wire wire{token.fleet,
            to_base64url(token.root_print),
            to_base64url(token.secret.reveal()),
            token.invite,
            token.addresses,
            token.expires.ms};
  nlohmann::json json;
  catalogue::encode_into(json, wire);
  std::string text = std::string(kPrefix) + to_base64url(json.dump());
  wipe(wire.secret);
  return text;
}

Result<PairToken> parse_token(std::string_view text) {
  if (text.size() > kMaxTokenBytes || !text.starts_with(kPrefix)) return not_a_token();
  const auto bytes = from_base64url(text.substr(kPrefix.size()));
  if (!bytes) return not_a_token();
  const auto json = parse_strict_json(*bytes);
  if (!json) return not_a_token();
  auto wire = catalogue::decode<Wire>(*json);
  if (!wire) return not_a_token();
  auto print = from_base64url(wire->root);
  auto secret = from_base64url(wire->secret);
  const bool sizes_fit = print && print->size() == kSha256Size && secret &&
                         secret->size() == kInviteSecretBytes && !wire->at.empty();
  if (!sizes_fit) return not_a_token();
  PairToken token{std::move(wire->fleet),   std::move(*print),       std::move(wire->at),
                  Secret::copy_of(*secret), std::move(wire->invite), Stamp{wire->exp}};
  wipe(*secret);
  wipe(wire->secret);
  return token;
}

}  // namespace fleet::trust
