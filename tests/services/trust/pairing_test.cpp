#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fleet/base/encoding.h"
#include "services/trust/trust_world.h"

namespace fleet::trust {
namespace {

struct PairingTest : testing::Test {
  Machine chief{"mac1"};
  Wire wire{chief};
  OpenSslCrypto crypto{};
  SeededRng rng{99};
  test::TempDir folder{};

  JoinRequest request(const std::string& token, const NodeId& node = "mac2") {
    JoinRequest asked;
    asked.home = folder / node;
    asked.token = token;
    asked.node = node;
    asked.http = {"10.0.0.2:8855"};
    asked.udp = "10.0.0.2:8855";
    return asked;
  }
  Result<Joined> join_as(const NodeId& node, const std::string& token) {
    return join(crypto, rng, wire, request(token, node));
  }
  Keys keys_of(const NodeId& node) { return KeyStore(folder / node).load(crypto).value(); }
  // A claim of a joiner that has shown the secret, ready to be sent.
  std::string claim_of(const NodeId& node, const std::string& token) {
    PairClaim claim{node, "", "", std::nullopt, {}, ""};
    const Seeds seeds = Seeds::random(rng);
    claim.sign_key = crypto.signing_key(seeds.sign)->public_key();
    claim.box_key = crypto.box_key(seeds.box)->public_key();
    JoinerExchange exchange(crypto, rng, parse_token(token).value(), crypto.signing_key(seeds.sign),
                            claim);
    const auto welcome = chief.run(chief.service.pair_request(exchange.hello(), "10.0.0.2"));
    return exchange.on_welcome(welcome.value()).value();
  }
  // An invite of this machine's, as one can see from inside the token.
  static std::string with_secret(const std::string& token, const std::string& secret) {
    PairToken read = parse_token(token).value();
    read.secret = Secret::copy_of(secret);
    return format_token(read);
  }
};

TEST_F(PairingTest, makes_two_machines_one_fleet) {
  const auto joined = join_as("mac2", chief.token());
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->inviter, "mac1");
  EXPECT_TRUE(joined->notes.empty());

  const Keys keys = keys_of("mac2");
  EXPECT_EQ(keys.node, "mac2");
  EXPECT_EQ(keys.root, nullptr) << "only the first machine can invite";
  EXPECT_EQ(keys.root_holder, "mac1");
  EXPECT_EQ(keys.fleet.key.reveal(), chief.keys.fleet.key.reveal());
  EXPECT_EQ(keys.roster_line, chief.service.roster_line());

  ASSERT_NE(chief.membership.find("mac2"), nullptr) << "in force at the inviter at once";
  EXPECT_EQ(chief.membership.find("mac2")->row.role, NodeRole::worker);
  EXPECT_EQ(chief.store.load(crypto)->roster.seq, 2u) << "and after its restart";
}

TEST_F(PairingTest, writes_the_addresses_into_both_configurations) {
  ASSERT_TRUE(join_as("mac2", chief.token()));
  const auto here = nlohmann::json::parse(test::read_file(folder / "mac2" / "config.json"));
  EXPECT_EQ(here["node_id"], "mac2");
  EXPECT_EQ(here["chief"], "mac1");
  EXPECT_EQ(here["nodes"]["mac1"]["http"][0], "10.0.0.1:8855");
  const auto there = nlohmann::json::parse(test::read_file(chief.store.home() / "config.json"));
  EXPECT_EQ(there["nodes"]["mac2"]["udp"], "10.0.0.2:8855");
  EXPECT_FALSE(there.contains("chief"));
}

TEST_F(PairingTest, tells_who_watches_about_the_new_node) {
  std::vector<NodeId> seen;
  chief.service.watch([&seen](const NodeAddresses* joined) {
    seen.push_back(joined == nullptr ? "" : joined->id + " " + joined->http.at(0));
  });
  ASSERT_TRUE(join_as("mac2", chief.token()));
  EXPECT_EQ(seen, std::vector<NodeId>{"mac2 10.0.0.2:8855"});
}

TEST_F(PairingTest, opens_the_door_while_an_invite_is_open_and_no_longer) {
  EXPECT_FALSE(chief.service.invite_open());
  const std::string token = chief.token();
  EXPECT_TRUE(chief.service.invite_open());
  ASSERT_TRUE(join_as("mac2", token));
  EXPECT_FALSE(chief.service.invite_open());
  chief.token();
  chief.clock.advance(Seconds{15 * 60});
  EXPECT_FALSE(chief.service.invite_open());
}

TEST_F(PairingTest, an_invite_works_once) {
  const std::string token = chief.token();
  chief.token();  // so that the door stays open
  ASSERT_TRUE(join_as("mac2", token));
  const auto again = join_as("mac3", token);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().name, "invite_refused");
  EXPECT_FALSE(KeyStore(folder / "mac3").exists()) << "nothing was changed";
}

TEST_F(PairingTest, an_invite_lapses_after_a_quarter_of_an_hour) {
  const std::string token = chief.token();
  chief.clock.advance(Seconds{10 * 60});
  chief.token();
  chief.clock.advance(Seconds{5 * 60});
  ASSERT_TRUE(chief.service.invite_open());
  EXPECT_EQ(join_as("mac2", token).error().name, "invite_refused");
}

TEST_F(PairingTest, used_expired_and_wrong_invites_get_the_same_answer) {
  const std::string used = chief.token();
  ASSERT_TRUE(join_as("mac2", used));
  const std::string open = chief.token();
  const std::string wrong = with_secret(open, "sixteen guesses!");
  const Error first = join_as("mac3", used).error();
  const Error second = join_as("mac3", wrong).error();
  EXPECT_EQ(first.message, second.message);
  EXPECT_EQ(first.code, second.code);
}

TEST_F(PairingTest, five_wrong_tries_in_a_minute_are_enough_for_an_address) {
  const std::string token = chief.token();
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(join_as("mac2", with_secret(token, "sixteen guesses!")));
  }
  const auto blocked = join_as("mac2", token);
  ASSERT_FALSE(blocked);
  EXPECT_NE(blocked.error().message.find("wait a minute"), std::string::npos);
  wire.from = "10.0.0.77";
  EXPECT_TRUE(join_as("mac4", token)) << "another address is not to blame";
  wire.from = "10.0.0.2";
  chief.clock.advance(Seconds{61});
  EXPECT_TRUE(join_as("mac2", chief.token()));
}

TEST_F(PairingTest, of_two_that_race_for_one_invite_exactly_one_wins) {
  const std::string token = chief.token();
  const std::string one = claim_of("mac2", token);
  const std::string other = claim_of("mac3", token);
  std::optional<Result<std::string>> to_one;
  std::optional<Result<std::string>> to_other;
  chief.start(chief.service.pair_request(one, "10.0.0.2"), to_one);
  chief.start(chief.service.pair_request(other, "10.0.0.2"), to_other);
  chief.loop.restart();
  chief.loop.run();
  ASSERT_TRUE(to_one && to_other);
  EXPECT_NE(to_one->ok(), to_other->ok());
  EXPECT_EQ(chief.membership.roster().nodes.size(), 2u);
  EXPECT_EQ(chief.membership.roster().seq, 2u);
}

// Whatever read the invite as open a moment before, the UPDATE decides.
TEST_F(PairingTest, an_invite_consumed_in_the_same_moment_lets_nobody_else_in) {
  const std::string token = chief.token();
  const std::string id = parse_token(token)->invite;
  const std::string claim = claim_of("mac2", token);
  std::optional<Result<std::string>> answer;
  chief.start(chief.service.pair_request(claim, "10.0.0.2"), answer);
  const Stamp now = chief.clock.stamp();
  bool won = false;
  chief.db->submit(
      [&won, id, now](store::Connection& db) { won = consume_invite(db, id, "other", now); },
      [](const Result<void>&) {});
  chief.loop.restart();
  chief.loop.run();
  EXPECT_TRUE(won);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->ok());
  EXPECT_EQ(chief.membership.roster().nodes.size(), 1u);
}

TEST_F(PairingTest, a_taken_name_costs_no_invite_and_names_a_free_one) {
  const std::string token = chief.token();
  const auto taken = join(crypto, rng, wire, request(token, "mac1"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::conflict);
  EXPECT_NE(taken.error().message.find("--node mac1-2"), std::string::npos)
      << taken.error().message;
  EXPECT_TRUE(join_as("mac1-2", token));
}

TEST_F(PairingTest, a_lost_answer_is_mended_by_joining_again) {
  KeyStore own(folder / "mac2");
  ASSERT_TRUE(own.make(crypto, rng, "mac2", Stamp{}));
  int answers = 0;
  wire.meddle_answer = [&answers](std::string& answer) {
    if (++answers == 2) answer = "cut short";
  };
  EXPECT_FALSE(join_as("mac2", chief.token()));
  EXPECT_EQ(keys_of("mac2").roster.nodes.size(), 1u) << "the joiner is as it was";
  wire.meddle_answer = [](std::string&) {};
  const auto joined = join_as("mac2", chief.token());
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(chief.membership.roster().nodes.size(), 2u) << "the same node, not a second one";
}

TEST_F(PairingTest, a_fleet_of_one_gives_way_and_keeps_its_keys) {
  KeyStore own(folder / "mac2");
  ASSERT_TRUE(own.make(crypto, rng, "mac2", Stamp{}));
  const std::string before = keys_of("mac2").sign->public_key();
  ASSERT_TRUE(join_as("mac2", chief.token()));
  EXPECT_EQ(keys_of("mac2").sign->public_key(), before);
  EXPECT_EQ(keys_of("mac2").root, nullptr) << "the root of the fleet of one is gone";
}

TEST_F(PairingTest, a_node_with_peers_is_in_one_fleet_only) {
  ASSERT_TRUE(join_as("mac2", chief.token()));
  const auto again = join_as("mac2", chief.token());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().name, "in_a_fleet");
  EXPECT_NE(again.error().message.find("mv '"), std::string::npos);
}

TEST_F(PairingTest, knocks_at_every_address_until_one_proves_itself) {
  PairToken token = parse_token(chief.token()).value();
  token.addresses = {"192.0.2.1:8855", "192.0.2.2:8855", "10.0.0.1:8855"};
  EXPECT_TRUE(join_as("mac2", format_token(token)));
  EXPECT_EQ(wire.knocked.size(), 4u) << "three for the hello, one for the claim";
  token.addresses = {"192.0.2.1:8855"};
  const auto nobody = join_as("mac3", format_token(token));
  EXPECT_NE(nobody.error().message.find("192.0.2.1:8855: connection refused"), std::string::npos)
      << nobody.error().message;
}

TEST_F(PairingTest, tasks_from_sets_the_policy_for_that_node) {
  JoinRequest asked = request(chief.token());
  asked.tasks_from = "chief";
  ASSERT_TRUE(join(crypto, rng, wire, asked));
  const auto policy = load_policy(folder / "mac2");
  EXPECT_EQ(policy->stance("mac1", Kind::task), Stance::accept);
  EXPECT_EQ(policy->stance("mac3", Kind::task), Stance::hold);

  asked = request(chief.token(), "mac3");
  asked.tasks_from = "mac9";
  const auto joined = join(crypto, rng, wire, asked);
  ASSERT_TRUE(joined) << "the person joined; only this part failed";
  ASSERT_EQ(joined->notes.size(), 1u);
  EXPECT_NE(joined->notes[0].find("mac9"), std::string::npos);
}

TEST_F(PairingTest, gives_the_role_that_the_invite_names) {
  ASSERT_TRUE(join_as("mac2", chief.token("captain")));
  EXPECT_EQ(chief.membership.find("mac2")->row.role, NodeRole::captain);
}

TEST_F(PairingTest, an_invite_outlives_the_daemon_that_made_it) {
  const std::string token = chief.token();
  const auto open = open_invites(chief.db->reader(), chief.clock.stamp());
  EXPECT_EQ(open.size(), 1u);
  const auto row = open_invite(chief.db->reader(), open.begin()->first, chief.clock.stamp());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->secret.reveal(), parse_token(token)->secret.reveal());
}

TEST_F(PairingTest, a_used_secret_stands_nowhere_on_the_disk) {
  ASSERT_TRUE(join_as("mac2", chief.token()));
  EXPECT_EQ(chief.db->reader().number("SELECT COUNT(*) FROM trust_invite WHERE secret = x''"), 1);
}

TEST_F(PairingTest, garbage_is_refused_and_counts_as_a_try) {
  chief.token();
  for (const char* body : {"", "{}", "[]", "null", "{\"step\":\"claim\"}"}) {
    EXPECT_EQ(chief.run(chief.service.pair_request(body, "10.0.0.3")).error().code,
              Code::forbidden);
  }
  EXPECT_EQ(chief.run(chief.service.pair_request("", "10.0.0.3")).error().code, Code::limited);
}

}  // namespace
}  // namespace fleet::trust
