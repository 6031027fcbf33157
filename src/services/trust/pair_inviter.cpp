// The inviter's half of the exchange.
#include <utility>

#include "fleet/base/encoding.h"
#include "services/trust/pair_exchange.h"
#include "services/trust/pair_wire.h"

namespace fleet::trust {
namespace {

constexpr std::size_t kSessionBytes = 16;

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

}  // namespace

Result<std::unique_ptr<InviterExchange>> InviterExchange::start(const Crypto& crypto, Rng& rng,
                                                                const Invite& invite,
                                                                std::string_view bytes) {
  const auto hello = read_wire<HelloWire>(bytes, kMaxHelloBytes);
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
  exchange->keys_ = derive_pair_keys(crypto, *shared, invite.secret,
                                     pair_transcript(invite.fleet, invite.root_print, bytes,
                                                     exchange->session_, ephemeral->public_key()));
  WelcomeWire welcome;
  welcome.session = exchange->session_;
  welcome.key = to_base64url(ephemeral->public_key());
  welcome.mac = welcome_mac(exchange->keys_);
  exchange->welcome_ = wire_text(welcome);
  return exchange;
}

Result<PairClaim> InviterExchange::on_claim(std::string_view bytes) {
  if (!claim_bytes_.empty()) return invite_refused();
  claim_bytes_ = bytes;
  const auto wire = read_wire<ClaimWire>(bytes, kMaxClaimBytes);
  if (!wire || wire->session != session_) return invite_refused();
  const auto plain = open_once(crypto_, keys_.claim, claim_aad(keys_), wire->box);
  if (!plain) return invite_refused();
  const auto envelope = parse_envelope(*plain, kMaxClaimBytes);
  if (!envelope) return invite_refused();
  auto letter = read_wire<ClaimLetter>(envelope->payload, kMaxClaimBytes);
  if (!letter || letter->transcript != to_base64url(keys_.transcript)) return invite_refused();
  auto claim = claim_in(std::move(*letter));
  if (!claim) return claim.error();
  if (!signed_by(crypto_, claim->sign_key, *envelope)) return invite_refused();
  return claim;
}

std::string InviterExchange::grant(const SigningKey& sign, const PairGrant& grant) {
  GrantLetter letter = letter_of(grant);
  letter.transcript = to_base64url(grant_transcript(keys_, claim_bytes_));
  std::string payload = wire_text(letter);
  wipe(letter.fleet_key);
  return answer(sign, std::move(payload));
}

std::string InviterExchange::refusal(const SigningKey& sign, const Error& error) {
  GrantLetter letter;
  letter.refused = error.message;
  letter.transcript = to_base64url(grant_transcript(keys_, claim_bytes_));
  return answer(sign, wire_text(letter));
}

std::string InviterExchange::answer(const SigningKey& sign, std::string payload) {
  const Envelope envelope = sign_envelope(sign, PayloadType::pair, std::move(payload));
  const std::string aad = grant_transcript(keys_, claim_bytes_);
  GrantWire wire;
  wire.box = seal_once(crypto_, keys_.grant, aad, to_wire(envelope));
  keys_.grant = Secret();  // whoever asks for a second answer gets a fault, not a leak
  return wire_text(wire);
}

}  // namespace fleet::trust
