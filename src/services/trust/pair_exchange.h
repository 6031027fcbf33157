// Pairing as a protocol: bytes in, bytes out, on both sides; no network, no clock, no file.
//   joiner → inviter  hello    ephemeral key, MAC under the invite's secret
//   inviter → joiner  welcome  ephemeral key, proof of the same secret
//   joiner → inviter  claim    sealed: name, keys, addresses, signed with the node's key over the
//                              transcript
//   inviter → joiner  grant    sealed: roster, fleet key, addresses, signed likewise
// Keys come from X25519 ‖ secret, one for each direction and used once. Who lacks the secret learns
// nothing and can only break it off. Used by TrustService (inviter) and join() (joiner).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/crypto.h"
#include "fleet/base/rng.h"
#include "fleet/model/ids.h"
#include "fleet/model/roster.h"
#include "services/trust/key_store.h"
#include "services/trust/pair_keys.h"
#include "services/trust/pair_token.h"

namespace fleet::trust {

// Where a node can be reached, as pairing tells it and config.json keeps it.
struct NodeAddresses {
  NodeId id{};
  NodeRole role = NodeRole::worker;
  std::vector<std::string> http{};
  std::string udp{};
};

struct PairClaim {
  NodeId node{};
  std::string sign_key{};
  std::string box_key{};
  std::optional<NodeRole> role{};  // wanted; empty: what the invite gives
  std::vector<std::string> http{};
  std::string udp{};
};

struct PairGrant {
  NodeId inviter{};
  std::string roster_line{};
  FleetKey fleet_key{};
  std::vector<NodeAddresses> nodes{};
};

enum class PairStep { hello, claim };
struct PairHead {
  PairStep step = PairStep::hello;
  std::string name{};  // hello: the invite's id · claim: the session
};
// What an inviter must know to find the right exchange. Nothing in it is authenticated.
Result<PairHead> read_pair_head(std::string_view bytes);

// One answer for every way in which an invite does not fit.
Error invite_refused();

class JoinerExchange {
 public:
  JoinerExchange(const Crypto& crypto, Rng& rng, const PairToken& token, SigningKeyPtr sign,
                 PairClaim claim);
  const std::string& hello() const { return hello_; }
  Result<std::string> on_welcome(std::string_view welcome);
  // The inviter's refusal where it sent one; else everything in the grant is checked: the root's
  // signature, our row, the inviter's signature.
  Result<PairGrant> on_grant(std::string_view grant);

 private:
  Result<void> check(const PairGrant& grant, const Roster& roster) const;

  const Crypto& crypto_;
  PairToken token_;
  SigningKeyPtr sign_;
  PairClaim claim_;
  BoxKeyPtr ephemeral_;
  std::string hello_;
  PairKeys keys_{};
  std::string claim_bytes_{};
};

class InviterExchange {
 public:
  struct Invite {
    std::string id{};
    std::string fleet{};
    std::string root_print{};
    Secret secret{};
  };
  static Result<std::unique_ptr<InviterExchange>> start(const Crypto& crypto, Rng& rng,
                                                        const Invite& invite,
                                                        std::string_view hello);
  const std::string& welcome() const { return welcome_; }
  const std::string& session() const { return session_; }
  const std::string& invite() const { return invite_; }

  // Once per exchange: the answer's key must never seal two answers.
  Result<PairClaim> on_claim(std::string_view claim);
  std::string grant(const SigningKey& sign, const PairGrant& grant);
  std::string refusal(const SigningKey& sign, const Error& error);

 private:
  explicit InviterExchange(const Crypto& crypto) : crypto_(crypto) {}
  std::string answer(const SigningKey& sign, std::string payload);

  const Crypto& crypto_;
  std::string invite_{};
  std::string session_{};
  std::string welcome_{};
  std::string claim_bytes_{};
  PairKeys keys_{};
};

}  // namespace fleet::trust
