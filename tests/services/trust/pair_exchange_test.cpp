#include "services/trust/pair_exchange.h"

#include <gtest/gtest.h>

#include <functional>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "services/trust/signed_roster.h"

namespace fleet::trust {
namespace {

struct PairExchangeTest : testing::Test {
  OpenSslCrypto crypto{};
  SeededRng rng{11};
  SigningKeyPtr root = key("root");
  SigningKeyPtr inviter_key = key("inviter");
  SigningKeyPtr joiner_key = key("joiner");
  SignedRoster first = sign_roster(*root, roster_of({{"mac1", inviter_key}}));
  SignedRoster second =
      sign_roster(*root, roster_of({{"mac1", inviter_key}, {"mac2", joiner_key}}));
  PairToken token{first.roster.fleet, sha256(root->public_key()),
                  {"10.0.0.1:8855"},  Secret::copy_of("sixteen secrets!"),
                  "invite1",          Stamp{1}};

  SigningKeyPtr key(const std::string& name) const {
    return crypto.signing_key(Secret::copy_of(sha256(name)));
  }
  std::string box(const std::string& name) const {
    return crypto.box_key(Secret::copy_of(sha256(name)))->public_key();
  }
  Roster roster_of(const std::vector<std::pair<NodeId, SigningKeyPtr>>& members) const {
    Roster roster;
    roster.seq = members.size();
    for (const auto& [name, sign] : members) {
      roster.nodes.push_back({name, sign->public_key(), box(name), NodeRole::worker, Stamp{}});
    }
    return roster;
  }

  JoinerExchange joiner() { return joiner_with(token); }
  JoinerExchange joiner_with(const PairToken& its_token) {
    PairClaim claim;
    claim.node = "mac2";
    claim.sign_key = joiner_key->public_key();
    claim.box_key = box("mac2");
    claim.http = {"10.0.0.2:8855", "[fd7a::2]:8855"};
    claim.udp = "10.0.0.2:8855";
    return {crypto, rng, its_token, joiner_key, claim};
  }
  InviterExchange::Invite invite() const {
    return {token.invite, token.fleet, token.root_print, token.secret.clone()};
  }
  std::unique_ptr<InviterExchange> answer(const std::string& hello) {
    return InviterExchange::start(crypto, rng, invite(), hello).value();
  }
  PairGrant granted() const {
    PairGrant grant;
    grant.inviter = "mac1";
    grant.roster_line = second.line;
    grant.fleet_key = {"K1", Secret::copy_of(std::string(32, 'f'))};
    grant.nodes.push_back({"mac1", NodeRole::worker, {"10.0.0.1:8855"}, "10.0.0.1:8855"});
    return grant;
  }
  // What a joiner says to this grant.
  Result<PairGrant> outcome(const SigningKey& by, const PairGrant& grant) {
    JoinerExchange asking = joiner();
    const auto exchange = answer(asking.hello());
    EXPECT_TRUE(exchange->on_claim(asking.on_welcome(exchange->welcome()).value()));
    return asking.on_grant(exchange->grant(by, grant));
  }

  // Every byte of `bytes` once with one bit turned.
  static void each_flip(const std::string& bytes, const std::function<void(std::string)>& check) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
      SCOPED_TRACE("byte " + std::to_string(i));
      check(std::move(changed));
    }
  }
};

TEST_F(PairExchangeTest, brings_each_side_what_the_other_has) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  const auto claim = exchange->on_claim(asking.on_welcome(exchange->welcome()).value());
  ASSERT_TRUE(claim) << claim.error().message;
  EXPECT_EQ(claim->node, "mac2");
  EXPECT_EQ(claim->sign_key, joiner_key->public_key());
  EXPECT_EQ(claim->http.size(), 2u);
  const auto grant = asking.on_grant(exchange->grant(*inviter_key, granted()));
  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->roster_line, second.line);
  EXPECT_EQ(grant->fleet_key.id, "K1");
  EXPECT_EQ(grant->fleet_key.key.reveal(), std::string(32, 'f'));
  ASSERT_EQ(grant->nodes.size(), 1u);
  EXPECT_EQ(grant->nodes[0].http, std::vector<std::string>{"10.0.0.1:8855"});
}

TEST_F(PairExchangeTest, shows_no_secret_to_who_listens) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  const std::string claim = asking.on_welcome(exchange->welcome()).value();
  ASSERT_TRUE(exchange->on_claim(claim));
  const std::string grant = exchange->grant(*inviter_key, granted());
  const std::string all = asking.hello() + exchange->welcome() + claim + grant;
  for (const std::string& secret :
       {to_base64url(token.secret.reveal()), to_base64url(std::string(32, 'f')),
        to_base64url(joiner_key->public_key()), std::string("mac2"), std::string("10.0.0.2")}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

TEST_F(PairExchangeTest, refuses_another_secret_at_the_first_word) {
  PairToken wrong = token.clone();
  wrong.secret = Secret::copy_of("sixteen guesses!");
  EXPECT_FALSE(InviterExchange::start(crypto, rng, invite(), joiner_with(wrong).hello()));
}

TEST_F(PairExchangeTest, refuses_every_flipped_byte_of_the_hello) {
  const std::string hello = joiner().hello();
  each_flip(hello, [&](const std::string& changed) {
    EXPECT_FALSE(InviterExchange::start(crypto, rng, invite(), changed));
  });
}

TEST_F(PairExchangeTest, refuses_every_flipped_byte_of_the_welcome) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  each_flip(exchange->welcome(),
            [&](const std::string& changed) { EXPECT_FALSE(asking.on_welcome(changed)); });
  EXPECT_TRUE(asking.on_welcome(exchange->welcome()));
}

TEST_F(PairExchangeTest, refuses_every_flipped_byte_of_the_claim) {
  JoinerExchange asking = joiner();
  const std::string hello = asking.hello();
  const auto first_exchange = answer(hello);
  const std::string sample = asking.on_welcome(first_exchange->welcome()).value();
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto exchange = answer(hello);
    std::string claim = asking.on_welcome(exchange->welcome()).value();
    ASSERT_EQ(claim.size(), sample.size());
    claim[i] = static_cast<char>(claim[i] ^ (1 << (i % 8)));
    EXPECT_FALSE(exchange->on_claim(claim)) << "byte " << i;
  }
}

TEST_F(PairExchangeTest, refuses_every_flipped_byte_of_the_grant) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  ASSERT_TRUE(exchange->on_claim(asking.on_welcome(exchange->welcome()).value()));
  const std::string grant = exchange->grant(*inviter_key, granted());
  each_flip(grant, [&](const std::string& changed) { EXPECT_FALSE(asking.on_grant(changed)); });
  EXPECT_TRUE(asking.on_grant(grant));
}

TEST_F(PairExchangeTest, answers_one_claim_only) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  const std::string claim = asking.on_welcome(exchange->welcome()).value();
  EXPECT_TRUE(exchange->on_claim(claim));
  EXPECT_FALSE(exchange->on_claim(claim));
}

TEST_F(PairExchangeTest, takes_no_claim_of_another_exchange) {
  JoinerExchange asking = joiner();
  const auto one = answer(asking.hello());
  const auto other = answer(asking.hello());
  const std::string claim = asking.on_welcome(one->welcome()).value();
  EXPECT_FALSE(other->on_claim(claim));
}

// Somebody between the two who puts in keys of his own, as far as he can without the secret.
TEST_F(PairExchangeTest, breaks_where_somebody_in_between_swaps_keys) {
  PairToken guessed = token.clone();
  guessed.secret = Secret::copy_of("sixteen guesses!");
  JoinerExchange asking = joiner();
  JoinerExchange false_joiner = joiner_with(guessed);
  EXPECT_FALSE(InviterExchange::start(crypto, rng, invite(), false_joiner.hello()));
  InviterExchange::Invite false_invite = invite();
  false_invite.secret = guessed.secret.clone();
  EXPECT_FALSE(InviterExchange::start(crypto, rng, false_invite, asking.hello()));

  // With the inviter's own MACs but another ephemeral key in its place.
  const std::string mine = R"("key":")" + to_base64url(box("in between")) + '"';
  const auto swap = [&mine](std::string packet) {
    const std::size_t at = packet.find(R"("key":")");
    return packet.replace(at, mine.size(), mine);
  };
  EXPECT_FALSE(InviterExchange::start(crypto, rng, invite(), swap(asking.hello())));
  const auto exchange = answer(asking.hello());
  EXPECT_FALSE(asking.on_welcome(swap(exchange->welcome())));
}

TEST_F(PairExchangeTest, refuses_an_ephemeral_key_of_low_order) {
  JoinerExchange asking = joiner();
  const std::string zero = R"("key":")" + to_base64url(std::string(32, '\0')) + '"';
  std::string hello = asking.hello();
  hello.replace(hello.find(R"("key":")"), zero.size(), zero);
  EXPECT_FALSE(InviterExchange::start(crypto, rng, invite(), hello));
}

// Who stole the token can play the inviter, but has not the root key that the token names.
TEST_F(PairExchangeTest, a_stolen_token_makes_no_false_fleet) {
  const SigningKeyPtr other_root = key("other root");
  PairGrant grant = granted();
  grant.roster_line = sign_roster(*other_root, second.roster).line;
  EXPECT_FALSE(outcome(*inviter_key, grant));

  const SigningKeyPtr thief = key("thief");
  EXPECT_FALSE(outcome(*thief, granted())) << "the roster names another key for the inviter";
}

TEST_F(PairExchangeTest, refuses_a_grant_that_does_not_name_the_joiner) {
  PairGrant grant = granted();
  grant.roster_line = first.line;
  EXPECT_FALSE(outcome(*inviter_key, grant));
  grant = granted();
  grant.roster_line =
      sign_roster(*root, roster_of({{"mac1", inviter_key}, {"mac2", key("thief")}})).line;
  EXPECT_FALSE(outcome(*inviter_key, grant)) << "our name, another's key";
  grant = granted();
  grant.nodes.push_back({"mac9", NodeRole::worker, {"10.0.0.9:8855"}, ""});
  EXPECT_FALSE(outcome(*inviter_key, grant)) << "an address of nobody in the roster";
}

TEST_F(PairExchangeTest, brings_the_inviters_refusal_as_it_was_said) {
  JoinerExchange asking = joiner();
  const auto exchange = answer(asking.hello());
  ASSERT_TRUE(exchange->on_claim(asking.on_welcome(exchange->welcome()).value()));
  const Error error = refuse(Code::conflict, "the name is taken");
  const auto grant = asking.on_grant(exchange->refusal(*inviter_key, error));
  ASSERT_FALSE(grant);
  EXPECT_EQ(grant.error().message, error.message);
}

TEST_F(PairExchangeTest, a_token_survives_the_way_and_nothing_else_passes_for_one) {
  const std::string text = format_token(token);
  const auto read = parse_token(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->secret.reveal(), token.secret.reveal());
  EXPECT_EQ(read->addresses, token.addresses);
  EXPECT_EQ(read->root_print, token.root_print);
  for (const std::string& wrong :
       {std::string(), std::string("fn1."), text.substr(1), text.substr(0, text.size() - 1),
        text + "A", text + "\n", "fn2." + text.substr(4), std::string(5'000, 'A')}) {
    const auto refused = parse_token(wrong);
    ASSERT_FALSE(refused) << wrong.size();
    EXPECT_EQ(refused.error().message.find(to_base64url(token.secret.reveal())), std::string::npos);
  }
}

}  // namespace
}  // namespace fleet::trust
