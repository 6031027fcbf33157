#include "services/trust/pair_keys.h"

#include <algorithm>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"

namespace fleet::trust {
namespace {

constexpr std::string_view kProtocol = "fn/pair/1";
const std::string kNonce(kNonceSize, '\0');  // every key here seals once

bool plain_address(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == ':' || c == '-' || c == '[' || c == ']';
  };
  return text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::string hello_mac(const Crypto& crypto, const Secret& secret, std::string_view invite,
                      std::string_view key) {
  const Secret mac_key = crypto.hkdf_sha256(secret, "", pae({kProtocol, "hello"}), kKeySize);
  return to_base64url(hmac_sha256(mac_key.reveal(), pae({kProtocol, "hello", invite, key})));
}

std::string welcome_mac(const PairKeys& keys) {
  const std::string fields = pae({kProtocol, "welcome", keys.transcript});
  return to_base64url(hmac_sha256(keys.confirm.reveal(), fields));
}

PairKeys derive_pair_keys(const Crypto& crypto, const Secret& shared, const Secret& secret,
                          std::string transcript) {
  std::string both = std::string(shared.reveal()) + std::string(secret.reveal());
  const Secret input = Secret::copy_of(both);
  wipe(both);
  const auto key = [&](std::string_view purpose) {
    return crypto.hkdf_sha256(input, transcript, pae({kProtocol, purpose}), kKeySize);
  };
  PairKeys keys{"", key("confirm"), key("claim"), key("grant")};
  keys.transcript = std::move(transcript);
  return keys;
}

std::string pair_transcript(std::string_view fleet, std::string_view root_print,
                            std::string_view hello, std::string_view session,
                            std::string_view inviter_key) {
  return sha256(pae({kProtocol, fleet, root_print, hello, session, inviter_key}));
}

std::string claim_aad(const PairKeys& keys) { return pae({kProtocol, "claim", keys.transcript}); }

std::string grant_transcript(const PairKeys& keys, std::string_view claim_bytes) {
  return sha256(pae({kProtocol, "grant", keys.transcript, claim_bytes}));
}

bool signed_by(const Crypto& crypto, std::string_view public_key, const Envelope& envelope) {
  const auto key = crypto.verify_key(public_key);
  return key && envelope.type == PayloadType::pair && verify_envelope(**key, envelope);
}

std::string seal_once(const Crypto& crypto, const Secret& key, std::string_view aad,
                      std::string_view plain) {
  return to_base64url(crypto.seal(key, kNonce, aad, plain));
}

std::optional<std::string> open_once(const Crypto& crypto, const Secret& key, std::string_view aad,
                                     std::string_view box) {
  const auto bytes = from_base64url(box);
  return bytes ? crypto.open(key, kNonce, aad, *bytes) : std::nullopt;
}

std::optional<std::string> key_in(const std::string& text) {
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != kKeySize) return std::nullopt;
  return bytes;
}

bool plain_addresses(const std::vector<std::string>& http, const std::string& udp) {
  return std::all_of(http.begin(), http.end(), plain_address) && plain_address(udp);
}

}  // namespace fleet::trust
