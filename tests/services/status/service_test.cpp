#include "services/status/service.h"

#include <gtest/gtest.h>

#include "services/delivery/service.h"
#include "services/status/metrics.h"
#include "support/small_fleet.h"

namespace fleet::status {
namespace {

struct ReadyRoad final : channels::Channel {
  ChannelId id() const override { return ChannelId::http; }
  channels::Readiness ready(const channels::PeerRoute& route) const override {
    return {!route.addresses.empty(), "no address"};
  }
  Task<channels::SendOutcome> send(std::string, channels::PeerRoute, Deadline) override {
    co_return channels::SendOutcome{};
  }
};

struct StatusTest : testing::Test {
  test::SliceWorld world{};
  std::unique_ptr<store::Database> db =
      store::open_inline(":memory:", world.loop.get_executor(), {});
  delivery::Roads roads{road_needs()};
  StatusService service{needs()};

  delivery::Roads::Needs road_needs() {
    std::vector<std::unique_ptr<channels::Channel>> channels;
    channels.push_back(std::make_unique<ReadyRoad>());
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
  StatusService::Needs needs() {
    StatusService::Needs needs{world.clock, *db, world.membership, world.book, roads, world.events};
    needs.offered = {ChannelId::http};
    needs.epoch = 0xabc;
    needs.version = "9.9.9";
    needs.outbox = [] { return OutboxCounts{1, 2, 3}; };
    needs.unread = [] { return std::int64_t{4}; };
    needs.heartbeats = [] { return HeartbeatCounts{5, 6, 7, 8}; };
    return needs;
  }
  bool has(const std::string& line) {
    return service.metrics_text().find(line + "\n") != std::string::npos;
  }
};

TEST_F(StatusTest, tells_who_and_how_long_and_how_many) {
  world.book.life("mac2", 1);
  world.pass(Seconds{90});
  world.book.life("mac3", 1);
  world.book.tick();
  const StatusReply reply = service.status();
  EXPECT_EQ(reply.node, "mac1");
  EXPECT_EQ(reply.role, "chief");
  EXPECT_EQ(reply.fleet, "testfleet");
  EXPECT_EQ(reply.epoch, "0000000000000abc");
  EXPECT_EQ(reply.uptime_s, 90);
  EXPECT_EQ(reply.peers.total, 2);
  EXPECT_EQ(reply.peers.online, 1);
  EXPECT_EQ(reply.peers.silent, 1);
  EXPECT_EQ(reply.outbox.given_up, 3);
  EXPECT_EQ(reply.inbox.unread, 4);
  EXPECT_TRUE(reply.ok);
}

TEST_F(StatusTest, health_is_the_same_in_one_line) {
  const auto reply = toy::run(world.loop, service.health({}, {}));
  ASSERT_TRUE(reply && *reply);
  EXPECT_TRUE((*reply)->ok);
  EXPECT_EQ((*reply)->store, "ok");
  EXPECT_EQ((*reply)->peers_total, 2);
  EXPECT_EQ((*reply)->outbox_open, 1);
}

TEST_F(StatusTest, metrics_speak_of_every_heard_peer_and_every_ready_road) {
  world.book.configure("mac2", {{ChannelId::http, {"10.0.0.2:8855"}}});
  world.book.life("mac2", 1);
  EXPECT_TRUE(has(R"(fleet_nerve_info{node="mac1",fleet="testfleet",version="9.9.9"} 1)"));
  EXPECT_TRUE(has(R"(fleet_nerve_peer_online{peer="mac2"} 1)"));
  EXPECT_TRUE(has(R"(fleet_nerve_channel_state{peer="mac2",channel="http"} 0)"));
  EXPECT_TRUE(has(R"(fleet_nerve_outbox_messages{state="delivered"} 2)"));
  EXPECT_TRUE(has("fleet_nerve_inbox_unread 4"));
  EXPECT_FALSE(has(R"(fleet_nerve_peer_online{peer="mac3"} 0)"));
}

TEST(MetricsText, names_each_family_once_and_escapes_labels) {
  MetricsText text;
  text.family("x", "gauge", "Meaning.");
  text.sample(0.25, {{"a", "q\"\\\n"}});
  text.sample(3);
  EXPECT_EQ(std::move(text).take(),
            "# HELP fleet_nerve_x Meaning.\n# TYPE fleet_nerve_x gauge\n"
            "fleet_nerve_x{a=\"q\\\"\\\\\\n\"} 0.25\nfleet_nerve_x 3\n");
}

TEST(MetricsText, writes_large_counters_without_an_exponent_that_loses_digits) {
  MetricsText text;
  text.single("n", "counter", "N.", 1'700'000'000.123);
  EXPECT_NE(std::move(text).take().find("1700000000.123\n"), std::string::npos);
}

}  // namespace
}  // namespace fleet::status
