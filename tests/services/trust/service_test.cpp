#include "services/trust/service.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "catalogue/dispatcher.h"
#include "fleet/base/hash.h"
#include "services/trust/trust_world.h"

namespace fleet::trust {
namespace {

struct TrustServiceTest : testing::Test {
  Machine chief{"mac1"};
  catalogue::Catalogue catalogue{};
  catalogue::LocalDispatcher dispatcher{catalogue};

  TrustServiceTest() {
    TrustService::describe(catalogue);
    catalogue.attach(chief.service);
  }
  RosterNode row(const NodeId& name) const {
    const Secret seed = Secret::copy_of(sha256(name));
    return {name, chief.crypto.signing_key(seed)->public_key(),
            chief.crypto.box_key(seed)->public_key(), NodeRole::worker, Stamp{1}};
  }
  SignedRoster in_force() const {
    return read_roster(chief.crypto, chief.keys.root_key, chief.service.roster_line()).value();
  }
  catalogue::Reply call(const std::string& operation, nlohmann::json args,
                        catalogue::Caller::Kind kind) {
    catalogue::Caller caller;
    caller.kind = kind;
    return chief.run(dispatcher.call(operation, std::move(args), std::move(caller)));
  }
};

TEST_F(TrustServiceTest, changes_trust_for_a_person_at_a_terminal_only) {
  using Kind = catalogue::Caller::Kind;
  const nlohmann::json set{{"sender", "default"}, {"kind", "task"}, {"state", "accept"}};
  for (const Kind kind : {Kind::local, Kind::peer, Kind::session}) {
    EXPECT_EQ(call("fleet_invite", nlohmann::json::object(), kind).error().code, Code::forbidden);
    EXPECT_EQ(call("fleet_policy_set", set, kind).error().code, Code::forbidden);
  }
  EXPECT_TRUE(call("fleet_invite", nlohmann::json::object(), Kind::tty));
  EXPECT_TRUE(call("fleet_policy_set", set, Kind::tty));
  EXPECT_TRUE(call("fleet_policy", nlohmann::json::object(), Kind::local));
  EXPECT_FALSE(call("fleet_policy", nlohmann::json::object(), Kind::peer));
  EXPECT_FALSE(call("fleet_roster", nlohmann::json::object(), Kind::peer));
}

TEST_F(TrustServiceTest, an_invite_says_where_and_how_long) {
  chief.known[0].http = {"10.0.0.1:8855", "10.0.0.2:8855", "10.0.0.3:8855", "10.0.0.4:8855"};
  const auto invite = chief.run(chief.service.invite({}, {}));
  ASSERT_TRUE(invite);
  EXPECT_EQ(invite->addresses.size(), 3u);
  EXPECT_EQ(invite->expires_ms - chief.clock.stamp().ms, 15 * 60'000);
  const auto token = parse_token(invite->token);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->fleet, chief.membership.fleet());
  EXPECT_LT(invite->token.size(), 600u) << "one paste";
}

TEST_F(TrustServiceTest, invites_nobody_where_nobody_could_knock) {
  chief.known[0].http.clear();
  const auto invite = chief.run(chief.service.invite({}, {}));
  ASSERT_FALSE(invite);
  EXPECT_NE(invite.error().message.find("listen.remote"), std::string::npos);
}

TEST_F(TrustServiceTest, keeps_a_bound_on_open_invites) {
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(chief.run(chief.service.invite({}, {})));
  EXPECT_EQ(chief.run(chief.service.invite({}, {})).error().code, Code::limited);
  chief.clock.advance(Seconds{15 * 60});
  EXPECT_TRUE(chief.run(chief.service.invite({}, {})));
}

TEST_F(TrustServiceTest, names_who_can_invite_where_it_cannot_itself) {
  Wire wire{chief};
  SeededRng rng{5};
  test::TempDir folder;
  JoinRequest request;
  request.home = folder / "mac2";
  request.token = chief.token();
  request.node = "mac2";
  ASSERT_TRUE(join(chief.crypto, rng, wire, request));
  const Keys keys = KeyStore(folder / "mac2").load(chief.crypto).value();
  const auto in_place = [](TrustService::Job job) -> Task<Result<void>> { co_return job(); };
  Membership membership(chief.crypto, keys.identity(), keys.roster);
  TrustService worker(
      {chief.clock, rng, chief.crypto, *chief.db, chief.events, membership, chief.policy,
       KeyStore(folder / "mac2"), in_place, [] { return std::vector<NodeAddresses>{}; }},
      keys);
  const auto invite = chief.run(worker.invite({}, {}));
  ASSERT_FALSE(invite);
  EXPECT_EQ(invite.error().code, Code::forbidden);
  EXPECT_NE(invite.error().message.find("on mac1"), std::string::npos) << invite.error().message;
}

TEST_F(TrustServiceTest, a_policy_is_in_force_at_once_and_after_a_restart) {
  const SignedRoster next = with_node(*chief.keys.root, in_force(), row("mac2"));
  ASSERT_TRUE(chief.run(chief.service.offer_roster(next.line)));
  const auto reply = chief.run(chief.service.set_policy({"mac2", "message", "refuse"}, {}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(chief.policy.stance("mac2", Kind::message), Stance::refuse);
  EXPECT_EQ(load_policy(chief.store.home())->stance("mac2", Kind::message), Stance::refuse);
  EXPECT_EQ(reply->rules.back().sender, "mac2");
  EXPECT_EQ(reply->rules.front().sender, "default");
}

TEST_F(TrustServiceTest, sets_no_policy_for_a_stranger) {
  const auto reply = chief.run(chief.service.set_policy({"mac9", "task", "accept"}, {}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().name, "unknown_peer");
  EXPECT_NE(reply.error().message.find("mac1"), std::string::npos);
}

TEST_F(TrustServiceTest, takes_a_newer_roster_by_whatever_road) {
  const SignedRoster next = with_node(*chief.keys.root, in_force(), row("mac2"));
  const std::string before = chief.service.roster_line();
  EXPECT_TRUE(chief.run(chief.service.offer_roster(next.line)).value());
  EXPECT_EQ(chief.service.roster_line(), next.line);
  EXPECT_NE(chief.membership.find("mac2"), nullptr);
  EXPECT_FALSE(chief.run(chief.service.offer_roster(next.line)).value()) << "the second time";
  EXPECT_FALSE(chief.run(chief.service.offer_roster(before)).value()) << "no way back";
  EXPECT_NE(chief.membership.find("mac2"), nullptr);
  EXPECT_EQ(chief.store.load(chief.crypto)->roster.seq, 2u);
}

TEST_F(TrustServiceTest, refuses_a_roster_that_the_root_did_not_sign) {
  const SigningKeyPtr stranger = chief.crypto.signing_key(Secret::copy_of(std::string(32, 's')));
  const SignedRoster forged = with_node(*stranger, in_force(), row("mac2"));
  EXPECT_FALSE(chief.run(chief.service.offer_roster(forged.line)));
  EXPECT_FALSE(chief.run(chief.service.offer_roster("")));
  EXPECT_EQ(chief.membership.find("mac2"), nullptr);
}

TEST_F(TrustServiceTest, shows_the_roster_with_key_ids_and_no_keys) {
  const auto reply = chief.run(chief.service.roster({}, {}));
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->nodes.size(), 1u);
  EXPECT_TRUE(reply->nodes[0].self);
  EXPECT_EQ(reply->nodes[0].key_id, chief.membership.self_key_id());
  EXPECT_EQ(reply->root_holder, "mac1");
}

TEST(Tries, remembers_a_bounded_number_of_addresses) {
  Tries tries;
  for (int i = 0; i < 5; ++i) tries.wrong("first", Tick{i});
  EXPECT_TRUE(tries.exhausted("first", Tick{10}));
  for (int i = 0; i < 300; ++i) tries.wrong(std::to_string(i), Tick{100 + i});
  EXPECT_FALSE(tries.exhausted("first", Tick{400})) << "the one longest quiet was forgotten";
}

}  // namespace
}  // namespace fleet::trust
