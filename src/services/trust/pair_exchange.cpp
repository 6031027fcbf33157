#include "services/trust/pair_exchange.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"
#include "fleet/base/strict_json.h"
#include "fleet/base/utf8.h"
#include "services/trust/pair_wire.h"
#include "services/trust/signed_roster.h"

namespace fleet::trust {
namespace {

constexpr std::string_view kProtocol = "fn/pair/1";
constexpr std::size_t kSessionBytes = 16;
const std::string kNonce(kNonceSize, '\0');  // every key here seals once

template <class Wire>
std::string text_of(const Wire& wire) {
  nlohmann::json json;
  catalogue::encode_into(json, wire);
  return json.dump();
}

template <class Wire>
Result<Wire> read(std::string_view bytes, std::size_t most) {
  JsonLimits limits;
  limits.bytes = most;
  limits.keys = 64 * 1024;
  const auto json = parse_strict_json(bytes, limits);
  if (!json) return json.error();
  return catalogue::decode<Wire>(*json);
}

std::optional<std::string> key_in(const std::string& text) {
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != kKeySize) return std::nullopt;
  return bytes;
}

std::string hello_mac(const Crypto& crypto, const Secret& secret, std::string_view invite,
                      std::string_view key) {
  const Secret mac_key = crypto.hkdf_sha256(secret, "", pae({kProtocol, "hello"}), kKeySize);
  return to_base64url(hmac_sha256(mac_key.reveal(), pae({kProtocol, "hello", invite, key})));
}

std::string welcome_mac(const PairKeys& keys) {
  const std::string fields = pae({kProtocol, "welcome", keys.transcript});
  return to_base64url(hmac_sha256(keys.confirm.reveal(), fields));
}

PairKeys derive(const Crypto& crypto, const Secret& shared, const Secret& secret,
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

// Everything both sides have seen so far, the token's facts included.
std::string transcript_of(std::string_view fleet, std::string_view root_print,
                          std::string_view hello, std::string_view session,
                          std::string_view inviter_key) {
  return sha256(pae({kProtocol, fleet, root_print, hello, session, inviter_key}));
}

std::string claim_aad(const PairKeys& keys) { return pae({kProtocol, "claim", keys.transcript}); }

std::string grant_transcript(const PairKeys& keys, std::string_view claim_bytes) {
  return sha256(pae({kProtocol, "grant", keys.transcript, claim_bytes}));
}

// A signed letter whose author's key stands in it, or in the roster that it brings.
bool signed_by(const Crypto& crypto, std::string_view public_key, const Envelope& envelope) {
  const auto key = crypto.verify_key(public_key);
  return key && envelope.type == PayloadType::pair && verify_envelope(**key, envelope);
}

bool plain_address(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == ':' || c == '-' || c == '[' || c == ']';
  };
  return text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed);
}

bool plain_addresses(const std::vector<std::string>& http, const std::string& udp) {
  return std::all_of(http.begin(), http.end(), plain_address) && plain_address(udp);
}

Error not_the_inviter() {
  return refuse(Code::forbidden, "not_the_inviter",
                "what answered there could not prove that it made this invite; run "
                "`fleet-nerve invite` again and use the new one");
}

Result<PairClaim> claim_in(ClaimLetter letter) {
  PairClaim claim;
  const auto sign_key = key_in(letter.sign_key);
  const auto box_key = key_in(letter.box_key);
  if (!sign_key || !box_key || !plain_addresses(letter.http, letter.udp)) return invite_refused();
  claim.node = std::move(letter.node);
  claim.sign_key = *sign_key;
  claim.box_key = *box_key;
  claim.role = parse_node_role(letter.role);
  if (!claim.role && !letter.role.empty()) return invite_refused();
  claim.http = std::move(letter.http);
  claim.udp = std::move(letter.udp);
  return claim;
}

GrantLetter letter_of(const PairGrant& grant) {
  GrantLetter letter;
  letter.inviter = grant.inviter;
  letter.roster = grant.roster_line;
  letter.fleet_key_id = grant.fleet_key.id;
  letter.fleet_key = to_base64url(grant.fleet_key.key.reveal());
  for (const NodeAddresses& node : grant.nodes) {
    letter.nodes.push_back({node.id, std::string(to_string(node.role)), node.udp, node.http});
  }
  return letter;
}

Result<PairGrant> grant_in(GrantLetter letter) {
  PairGrant grant;
  auto key = key_in(letter.fleet_key);
  if (!key || letter.fleet_key_id.empty()) return not_the_inviter();
  grant.fleet_key = {std::move(letter.fleet_key_id), Secret::copy_of(*key)};
  wipe(*key);
  wipe(letter.fleet_key);
  grant.inviter = std::move(letter.inviter);
  grant.roster_line = std::move(letter.roster);
  for (NodeWire& node : letter.nodes) {
    const auto role = parse_node_role(node.role);
    const bool fits = role && valid_node_id(node.id) && plain_addresses(node.http, node.udp);
    if (!fits) return not_the_inviter();
    grant.nodes.push_back({std::move(node.id), *role, std::move(node.http), std::move(node.udp)});
  }
  return grant;
}

}  // namespace

Error invite_refused() {
  return refuse(Code::forbidden, "invite_refused",
                "the invite is wrong, used or expired; run `fleet-nerve invite` again on the "
                "machine that made it");
}

Result<PairHead> read_pair_head(std::string_view bytes) {
  if (auto hello = read<HelloWire>(bytes, kMaxHelloBytes)) {
    return PairHead{PairStep::hello, std::move(hello->invite)};
  }
  if (auto claim = read<ClaimWire>(bytes, kMaxClaimBytes)) {
    return PairHead{PairStep::claim, std::move(claim->session)};
  }
  return invite_refused();
}

JoinerExchange::JoinerExchange(const Crypto& crypto, Rng& rng, const PairToken& token,
                               SigningKeyPtr sign, PairClaim claim)
    : crypto_(crypto),
      token_(token.clone()),
      sign_(std::move(sign)),
      claim_(std::move(claim)),
      ephemeral_(crypto.box_key(Secret::random(rng, kKeySize))) {
  HelloWire hello;
  hello.invite = token_.invite;
  hello.key = to_base64url(ephemeral_->public_key());
  hello.mac = hello_mac(crypto_, token_.secret, hello.invite, hello.key);
  hello_ = text_of(hello);
}

Result<std::string> JoinerExchange::on_welcome(std::string_view bytes) {
  const auto welcome = read<WelcomeWire>(bytes, kMaxHelloBytes);
  if (!welcome) return not_the_inviter();
  const auto key = key_in(welcome->key);
  const auto shared = key ? ephemeral_->agree(*key) : std::nullopt;
  if (!shared) return not_the_inviter();
  keys_ = derive(crypto_, *shared, token_.secret,
                 transcript_of(token_.fleet, token_.root_print, hello_, welcome->session, *key));
  if (!constant_time_equal(welcome->mac, welcome_mac(keys_))) return not_the_inviter();

  ClaimLetter letter;
  letter.transcript = to_base64url(keys_.transcript);
  letter.node = claim_.node;
  letter.sign_key = to_base64url(claim_.sign_key);
  letter.box_key = to_base64url(claim_.box_key);
  letter.role = claim_.role ? to_string(*claim_.role) : "";
  letter.http = claim_.http;
  letter.udp = claim_.udp;
  const Envelope envelope = sign_envelope(*sign_, PayloadType::pair, text_of(letter));
  ClaimWire claim;
  claim.session = welcome->session;
  claim.box = to_base64url(crypto_.seal(keys_.claim, kNonce, claim_aad(keys_), to_wire(envelope)));
  claim_bytes_ = text_of(claim);
  return claim_bytes_;
}

Result<PairGrant> JoinerExchange::on_grant(std::string_view bytes) {
  const auto wire = read<GrantWire>(bytes, kMaxGrantBytes);
  const auto box = wire ? from_base64url(wire->box) : std::nullopt;
  if (!box || claim_bytes_.empty()) return not_the_inviter();
  const std::string transcript = grant_transcript(keys_, claim_bytes_);
  const auto plain = crypto_.open(keys_.grant, kNonce, transcript, *box);
  if (!plain) return not_the_inviter();
  const auto envelope = parse_envelope(*plain, kMaxGrantBytes);
  if (!envelope) return not_the_inviter();
  auto letter = read<GrantLetter>(envelope->payload, kMaxGrantBytes);
  if (!letter || letter->transcript != to_base64url(transcript)) return not_the_inviter();
  // The seal alone proves who says no: the inviter's key is known only from a roster.
  if (!letter->refused.empty()) {
    return refuse(Code::conflict, "not_admitted", clean_for_prompt(letter->refused));
  }
  auto grant = grant_in(std::move(*letter));
  if (!grant) return grant.error();
  const auto roster = read_first_roster(crypto_, token_.root_print, grant->roster_line);
  if (!roster) return roster.error();
  const RosterNode* inviter = roster->roster.find(grant->inviter);
  if (inviter == nullptr || !signed_by(crypto_, inviter->sign_key, *envelope)) {
    return not_the_inviter();
  }
  if (const auto fits = check(*grant, roster->roster); !fits) return fits.error();
  return grant;
}

Result<void> JoinerExchange::check(const PairGrant& grant, const Roster& roster) const {
  const RosterNode* self = roster.find(claim_.node);
  const bool named = self != nullptr && self->sign_key == claim_.sign_key &&
                     self->box_key == claim_.box_key && roster.fleet == token_.fleet;
  const bool members = std::all_of(grant.nodes.begin(), grant.nodes.end(), [&](const auto& node) {
    return roster.find(node.id) != nullptr;
  });
  if (!named || !members) return not_the_inviter();
  return {};
}

Result<std::unique_ptr<InviterExchange>> InviterExchange::start(const Crypto& crypto, Rng& rng,
                                                                const Invite& invite,
                                                                std::string_view bytes) {
  const auto hello = read<HelloWire>(bytes, kMaxHelloBytes);
  if (!hello || hello->invite != invite.id) return invite_refused();
  const std::string mac = hello_mac(crypto, invite.secret, hello->invite, hello->key);
  if (!constant_time_equal(mac, hello->mac)) return invite_refused();
  const auto key = key_in(hello->key);
  const BoxKeyPtr ephemeral = crypto.box_key(Secret::random(rng, kKeySize));
  const auto shared = key ? ephemeral->agree(*key) : std::nullopt;
  if (!shared) return invite_refused();

  std::unique_ptr<InviterExchange> exchange(new InviterExchange(crypto));
  exchange->invite_ = invite.id;
  exchange->session_ = to_base64url(Secret::random(rng, kSessionBytes).reveal());
  exchange->keys_ = derive(crypto, *shared, invite.secret,
                           transcript_of(invite.fleet, invite.root_print, bytes, exchange->session_,
                                         ephemeral->public_key()));
  WelcomeWire welcome;
  welcome.session = exchange->session_;
  welcome.key = to_base64url(ephemeral->public_key());
  welcome.mac = welcome_mac(exchange->keys_);
  exchange->welcome_ = text_of(welcome);
  return exchange;
}

Result<PairClaim> InviterExchange::on_claim(std::string_view bytes) {
  if (!claim_bytes_.empty()) return invite_refused();
  claim_bytes_ = bytes;
  const auto wire = read<ClaimWire>(bytes, kMaxClaimBytes);
  const auto box = wire ? from_base64url(wire->box) : std::nullopt;
  if (!box || wire->session != session_) return invite_refused();
  const auto plain = crypto_.open(keys_.claim, kNonce, claim_aad(keys_), *box);
  if (!plain) return invite_refused();
  const auto envelope = parse_envelope(*plain, kMaxClaimBytes);
  if (!envelope) return invite_refused();
  auto letter = read<ClaimLetter>(envelope->payload, kMaxClaimBytes);
  if (!letter || letter->transcript != to_base64url(keys_.transcript)) return invite_refused();
  auto claim = claim_in(std::move(*letter));
  if (!claim) return claim.error();
  if (!signed_by(crypto_, claim->sign_key, *envelope)) return invite_refused();
  return claim;
}

std::string InviterExchange::grant(const SigningKey& sign, const PairGrant& grant) {
  GrantLetter letter = letter_of(grant);
  letter.transcript = to_base64url(grant_transcript(keys_, claim_bytes_));
  std::string payload = text_of(letter);
  wipe(letter.fleet_key);
  return answer(sign, std::move(payload));
}

std::string InviterExchange::refusal(const SigningKey& sign, const Error& error) {
  GrantLetter letter;
  letter.refused = error.message;
  letter.transcript = to_base64url(grant_transcript(keys_, claim_bytes_));
  return answer(sign, text_of(letter));
}

std::string InviterExchange::answer(const SigningKey& sign, std::string payload) {
  const Envelope envelope = sign_envelope(sign, PayloadType::pair, std::move(payload));
  const std::string aad = grant_transcript(keys_, claim_bytes_);
  GrantWire wire;
  wire.box = to_base64url(crypto_.seal(keys_.grant, kNonce, aad, to_wire(envelope)));
  keys_.grant = Secret();  // whoever asks for a second answer gets a fault, not a leak
  return text_of(wire);
}

}  // namespace fleet::trust
