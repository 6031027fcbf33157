#include "services/trust/pair_exchange.h"

#include <algorithm>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/utf8.h"
#include "services/trust/pair_wire.h"
#include "services/trust/signed_roster.h"

namespace fleet::trust {
namespace {

Error not_the_inviter() {
  return refuse(Code::forbidden, "not_the_inviter",
                "what answered there could not prove that it made this invite; run "
                "`fleet-nerve invite` again and use the new one");
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
  if (auto hello = read_wire<HelloWire>(bytes, kMaxHelloBytes)) {
    return PairHead{PairStep::hello, std::move(hello->invite)};
  }
  if (auto claim = read_wire<ClaimWire>(bytes, kMaxClaimBytes)) {
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
  hello_ = wire_text(hello);
}

Result<std::string> JoinerExchange::on_welcome(std::string_view bytes) {
  const auto welcome = read_wire<WelcomeWire>(bytes, kMaxHelloBytes);
  if (!welcome) return not_the_inviter();
  const auto key = key_in(welcome->key);
  const auto shared = key ? ephemeral_->agree(*key) : std::nullopt;
  if (!shared) return not_the_inviter();
  PairKeys keys = derive_pair_keys(
      crypto_, *shared, token_.secret,
      pair_transcript(token_.fleet, token_.root_print, hello_, welcome->session, *key));
  if (!constant_time_equal(welcome->mac, welcome_mac(keys))) return not_the_inviter();
  keys_ = std::move(keys);

  ClaimLetter letter;
  letter.transcript = to_base64url(keys_.transcript);
  letter.node = claim_.node;
  letter.sign_key = to_base64url(claim_.sign_key);
  letter.box_key = to_base64url(claim_.box_key);
  letter.role = claim_.role ? to_string(*claim_.role) : "";
  letter.http = claim_.http;
  letter.udp = claim_.udp;
  const Envelope envelope = sign_envelope(*sign_, PayloadType::pair, wire_text(letter));
  ClaimWire claim;
  claim.session = welcome->session;
  claim.box = seal_once(crypto_, keys_.claim, claim_aad(keys_), to_wire(envelope));
  claim_bytes_ = wire_text(claim);
  return claim_bytes_;
}

Result<PairGrant> JoinerExchange::on_grant(std::string_view bytes) {
  const auto wire = read_wire<GrantWire>(bytes, kMaxGrantBytes);
  if (!wire || claim_bytes_.empty()) return not_the_inviter();
  const std::string transcript = grant_transcript(keys_, claim_bytes_);
  const auto plain = open_once(crypto_, keys_.grant, transcript, wire->box);
  if (!plain) return not_the_inviter();
  const auto envelope = parse_envelope(*plain, kMaxGrantBytes);
  if (!envelope) return not_the_inviter();
  auto letter = read_wire<GrantLetter>(envelope->payload, kMaxGrantBytes);
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

}  // namespace fleet::trust
