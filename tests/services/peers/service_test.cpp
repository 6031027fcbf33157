#include "services/peers/service.h"

#include <gtest/gtest.h>

#include "services/delivery/service.h"
#include "support/small_fleet.h"

namespace fleet::peers {
namespace {

// A road that is ready where it has an address, and answers as the test says.
struct ToyRoad final : channels::Channel {
  explicit ToyRoad(OutcomeKind answer) : kind(answer) {}
  OutcomeKind kind;
  ChannelId id() const override { return ChannelId::http; }
  channels::Readiness ready(const channels::PeerRoute& route) const override {
    return {!route.addresses.empty(), "no http address for " + route.peer};
  }
  Task<channels::SendOutcome> send(std::string, channels::PeerRoute, Deadline) override {
    channels::SendOutcome outcome;
    outcome.outcome.kind = kind;
    co_return outcome;
  }
};

struct PeersTest : testing::Test {
  test::SliceWorld world{};
  delivery::Roads roads{road_needs()};
  PeersService service{needs()};

  delivery::Roads::Needs road_needs() {
    std::vector<std::unique_ptr<channels::Channel>> channels;
    channels.push_back(std::make_unique<ToyRoad>(OutcomeKind::fault));
    return {world.loop.get_executor(),
            world.clock,
            world.rng,
            world.events,
            world.membership,
            world.book,
            [](const NodeId&) { return nullptr; },
            std::move(channels),
            world.timing};
  }
  PeersService::Needs needs() {
    PeersService::Needs needs{world.clock, world.events, world.membership, world.book, roads};
    needs.offered = {ChannelId::http};
    needs.own_report = [] { return SelfReport{"main", "abc", 0, 2, "up"}; };
    return needs;
  }

  PeerList discover() { return toy::run(world.loop, service.discover({}, {}))->value(); }
  Result<ChannelList> channels(const std::string& peer = "") {
    ChannelsRequest request{peer};
    return *toy::run(world.loop, service.channels(request, {}));
  }
  void fault(const NodeId& peer) {
    const auto attempt = roads.start(peer, ChannelId::http, core::AttemptKind::normal);
    channels::SendOutcome outcome;
    outcome.outcome.kind = OutcomeKind::fault;
    roads.ended(attempt, outcome);
    world.pass(Millis{600});
  }
  void start() {
    asio::co_spawn(world.loop, service.run(), asio::detached);
    world.settle();
  }
  ~PeersTest() override {
    service.stop();
    world.settle();
  }
};

TEST_F(PeersTest, this_node_comes_first_and_is_marked) {
  const PeerList list = discover();
  ASSERT_EQ(list.peers.size(), 3U);
  EXPECT_EQ(list.peers[0].id, "mac1");
  EXPECT_TRUE(list.peers[0].self);
  EXPECT_EQ(list.peers[0].role, "chief");
  EXPECT_EQ(list.peers[0].git.branch, "main");
  EXPECT_EQ(list.peers[1].id, "mac2");
  EXPECT_FALSE(list.peers[1].self);
}

TEST_F(PeersTest, a_peer_that_was_never_heard_is_away_and_has_no_times) {
  const PeerItem peer = discover().peers[1];
  EXPECT_FALSE(peer.online);
  EXPECT_EQ(peer.presence, "away");
  EXPECT_FALSE(peer.last_seen_ms);
  EXPECT_FALSE(peer.skew_ms);
}

TEST_F(PeersTest, a_peer_is_shown_as_its_heartbeat_says) {
  world.book.configure("mac2", {{ChannelId::http, {"10.0.0.2:8855"}}});
  world.book.configure_udp("mac2", {"10.0.0.2:8855"});
  world.book.report("mac2", {"topic", "def", 1'500, 4, "up"});
  world.book.life("mac2", 7);
  const PeerItem peer = discover().peers[1];
  EXPECT_TRUE(peer.online);
  EXPECT_EQ(peer.last_seen_ms, world.clock.stamp().ms);
  EXPECT_EQ(peer.skew_ms, 1'500);
  EXPECT_EQ(peer.git.branch, "topic");
  EXPECT_EQ(peer.sessions, 4);
  EXPECT_EQ(peer.addresses.at("http"), std::vector<std::string>{"10.0.0.2:8855"});
  EXPECT_EQ(peer.addresses.at("udp"), std::vector<std::string>{"10.0.0.2:8855"});
  EXPECT_EQ(peer.channels.at("http").state, "healthy");
  EXPECT_FALSE(peer.channels.at("http").reason);
}

TEST_F(PeersTest, a_road_without_an_address_says_why_it_is_not_ready) {
  const PeerChannel http = discover().peers[1].channels.at("http");
  EXPECT_EQ(http.state, "not_ready");
  EXPECT_EQ(http.reason, "no http address for mac2");
}

TEST_F(PeersTest, channels_show_faults_and_the_next_probe) {
  world.book.configure("mac2", {{ChannelId::http, {"10.0.0.2:8855"}}});
  fault("mac2");
  const auto list = channels();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->channels.size(), 2U);
  const ChannelRow& row = list->channels.front();
  EXPECT_EQ(row.peer, "mac2");
  EXPECT_EQ(row.state, "degraded");
  EXPECT_GE(row.faults, 1);
  EXPECT_TRUE(row.next_probe_in_ms);
}

TEST_F(PeersTest, channels_of_one_peer_explain_all_nine) {
  const auto list = channels("mac3");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->channels.size(), kChannelCount);
  for (const ChannelRow& row : list->channels) {
    EXPECT_EQ(row.state, "not_ready");
    EXPECT_FALSE(row.reason->empty());
  }
}

TEST_F(PeersTest, channels_of_a_stranger_are_refused_with_the_known_names) {
  const auto list = channels("mac9");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().wire_name(), "unknown_peer");
  EXPECT_NE(list.error().message.find("mac2, mac3"), std::string::npos);
}

TEST_F(PeersTest, who_falls_silent_and_comes_back_is_an_event_each_time) {
  start();
  world.book.life("mac2", 1);
  world.pass(Seconds{40});
  world.book.life("mac2", 1);
  world.book.life("mac2", 2);
  world.pass(Seconds{340});
  EXPECT_EQ(world.event_types(),
            (std::vector<std::string>{"peer.online", "peer.silent", "peer.online", "peer.restarted",
                                      "peer.silent", "peer.away"}));
}

TEST(PeerBook, keeps_two_learnt_udp_addresses_beside_the_configured) {
  toy::StillClock clock;
  PeerBook book(clock, {});
  book.configure_udp("mac2", {"a:1"});
  for (const char* address : {"a:1", "b:1", "c:1", "b:1", "d:1"}) book.learn_udp("mac2", address);
  EXPECT_EQ(book.udp_addresses("mac2"), (std::vector<std::string>{"a:1", "c:1", "d:1"}));
  EXPECT_TRUE(book.udp_addresses("mac9").empty());
}

}  // namespace
}  // namespace fleet::peers
