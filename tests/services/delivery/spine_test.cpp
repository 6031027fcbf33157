// A message's way through delivery, exchange and inbox, one sentence at a time.
#include <gtest/gtest.h>

#include "services/delivery/two_nodes.h"

namespace fleet::test {
namespace {

using Bodies = std::vector<std::string>;

struct Way : testing::Test {
  TwoNodes two{};
  SliceWorld& world = two.world;
  Node& a = two.a;
  Node& b = two.b;
};

TEST_F(Way, a_message_is_stored_at_its_recipient_and_its_sender_knows) {
  const std::string id = a.send(world, "mac2", "hello");
  world.settle();
  EXPECT_EQ(b.bodies(world), Bodies{"hello"});
  EXPECT_EQ(a.state(world, id), "stored");
  EXPECT_EQ(a.spine.delivery.open_count(), 0U);
}

TEST_F(Way, a_lost_reply_costs_a_resend_and_shows_nothing_twice) {
  a.road->lose_reply = true;
  const std::string id = a.send(world, "mac2", "once");
  world.settle();
  EXPECT_EQ(a.state(world, id), "accepted") << "nobody told the sender";
  a.road->lose_reply = false;
  world.pass(Seconds{120});
  EXPECT_EQ(a.state(world, id), "stored");
  EXPECT_EQ(b.bodies(world), Bodies{"once"});
}

TEST_F(Way, the_same_frame_again_has_no_effect_but_the_same_receipt) {
  a.send(world, "mac2", "once");
  world.settle();
  const std::string frame = a.road->frames.front();
  const auto again = Node::run(world, b.spine.exchange.receive("mac1", ChannelId::http, frame));
  ASSERT_TRUE(again.ok());
  EXPECT_NE(again->find("fn/receipt/1"), std::string::npos);
  EXPECT_EQ(b.bodies(world), Bodies{"once"});
}

TEST_F(Way, a_changed_byte_is_no_message_and_gets_no_receipt) {
  a.road->cut = true;
  a.send(world, "mac2", "secret");
  world.settle();
  std::string frame = a.road->frames.front();
  const std::size_t place = frame.find("\"p\":\"") + 40;
  frame[place] = frame[place] == 'A' ? 'B' : 'A';
  const auto reply = Node::run(world, b.spine.exchange.receive("mac1", ChannelId::http, frame));
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(b.bodies(world).empty());
}

TEST_F(Way, with_every_road_cut_it_is_parked_and_leaves_at_the_first_sign_of_life) {
  a.road->cut = true;
  const std::string id = a.send(world, "mac2", "later");
  world.pass(Seconds{30});
  EXPECT_EQ(a.state(world, id), "accepted");
  a.road->cut = false;
  a.spine.exchange.statement("mac2", 1200);
  const auto life = Node::run(world, a.spine.exchange.receive("mac2", ChannelId::http, ""));
  ASSERT_TRUE(life.ok());
  world.pass(Seconds{2});
  EXPECT_EQ(a.state(world, id), "stored");
}

TEST_F(Way, a_peer_that_can_only_call_pulls_what_waits_for_it) {
  a.road->cut = true;
  const std::string id = a.send(world, "mac2", "pulled");
  world.pass(Seconds{30});
  b.send(world, "mac1", "knock");
  world.pass(Seconds{3});
  EXPECT_EQ(b.bodies(world), Bodies{"pulled"});
  EXPECT_EQ(a.state(world, id), "stored") << "the receipt rode on the next frame";
}

TEST_F(Way, an_acknowledged_message_is_done_at_its_sender_too) {
  const std::string id = a.send(world, "mac2", "do it");
  world.settle();
  const auto acked = Node::run(world, b.spine.inbox.ack({id, "merged"}, {}));
  ASSERT_TRUE(acked.ok());
  world.pass(Seconds{3});
  const auto seen = Node::run(world, a.spine.delivery.message({id}, {})).value();
  EXPECT_EQ(seen.state, "done");
  EXPECT_EQ(seen.detail, "merged");
}

TEST_F(Way, what_the_receivers_policy_refuses_is_settled_with_its_reason) {
  b.policy.set("mac1", trust::Kind::message, trust::Stance::refuse);
  const std::string id = a.send(world, "mac2", "no");
  world.settle();
  const auto refused = Node::run(world, a.spine.delivery.message({id}, {})).value();
  EXPECT_EQ(refused.flag, "refused");
  EXPECT_NE(refused.detail.value_or("").find("policy"), std::string::npos);
  EXPECT_EQ(a.spine.delivery.open_count(), 0U);
  b.policy.set("mac1", trust::Kind::message, trust::Stance::accept);
  const std::string next = a.send(world, "mac2", "yes");
  world.settle();
  EXPECT_EQ(a.state(world, next), "stored");
  EXPECT_EQ(b.bodies(world), Bodies{"yes"}) << "the refused one is no gap to wait for";
}

TEST_F(Way, a_message_to_itself_is_a_real_delivery) {
  const std::string id = a.send(world, "self", "note");
  world.settle();
  EXPECT_EQ(a.bodies(world), Bodies{"note"});
  EXPECT_EQ(a.state(world, id), "stored");
}

TEST_F(Way, a_repeated_call_with_its_key_is_the_first_message) {
  const std::string first = a.send(world, "mac2", "once", "key-1");
  EXPECT_EQ(a.send(world, "mac2", "once", "key-1"), first);
  world.settle();
  EXPECT_EQ(b.bodies(world), Bodies{"once"});
}

TEST_F(Way, an_expired_message_leaves_no_gap_and_says_so) {
  a.road->cut = true;
  delivery::SendRequest request;
  request.to = "mac2";
  request.body = "stale";
  request.ttl_s = 10;
  const auto sent = Node::run(world, a.spine.delivery.send(request, {}));
  const std::string stale = sent.value().id.value();
  world.pass(Seconds{11});
  EXPECT_EQ(Node::run(world, a.spine.delivery.message({stale}, {})).value().flag, "expired");
  a.road->cut = false;
  const std::string fresh = a.send(world, "mac2", "fresh");
  world.pass(Seconds{60});
  EXPECT_EQ(a.state(world, fresh), "stored");
  EXPECT_EQ(b.bodies(world), Bodies{"fresh"});
  EXPECT_TRUE(a.spine.delivery.voids("mac2").empty()) << "the receiver settled the void";
}

TEST_F(Way, an_unknown_peer_is_refused_with_the_names_that_are_known) {
  delivery::SendRequest request;
  request.to = "mac9";
  request.body = "x";
  const auto refused = Node::run(world, a.spine.delivery.send(request, {}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().name, "unknown_peer");
  EXPECT_NE(refused.error().message.find("mac1, mac2, mac3"), std::string::npos);
}

}  // namespace
}  // namespace fleet::test
