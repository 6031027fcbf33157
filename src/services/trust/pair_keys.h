// The key schedule of pairing: what both sides compute alike from the shared secret, the invite's
// secret and everything said so far. Each key is for one direction and seals once. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/crypto.h"
#include "fleet/model/envelope.h"

namespace fleet::trust {

struct PairKeys {
  std::string transcript{};
  Secret confirm{};
  Secret claim{};
  Secret grant{};
};
PairKeys derive_pair_keys(const Crypto& crypto, const Secret& shared, const Secret& secret,
                          std::string transcript);

// Everything both sides have seen so far, the token's facts included.
std::string pair_transcript(std::string_view fleet, std::string_view root_print,
                            std::string_view hello, std::string_view session,
                            std::string_view inviter_key);
std::string hello_mac(const Crypto& crypto, const Secret& secret, std::string_view invite,
                      std::string_view key);
std::string welcome_mac(const PairKeys& keys);
std::string claim_aad(const PairKeys& keys);
std::string grant_transcript(const PairKeys& keys, std::string_view claim_bytes);

std::string seal_once(const Crypto& crypto, const Secret& key, std::string_view aad,
                      std::string_view plain);
std::optional<std::string> open_once(const Crypto& crypto, const Secret& key, std::string_view aad,
                                     std::string_view box);

// 32 bytes of base64url.
std::optional<std::string> key_in(const std::string& text);
// An fn/pair/1 letter of this key's.
bool signed_by(const Crypto& crypto, std::string_view public_key, const Envelope& envelope);
// Nothing but the letters of host:port; empty is plain, too.
bool plain_addresses(const std::vector<std::string>& http, const std::string& udp);

}  // namespace fleet::trust
