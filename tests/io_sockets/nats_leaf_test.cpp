#include "channels/p1_nats/leaf.h"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>

#include "channels/p1_nats/listener.h"
#include "io_sockets/nats_server.h"
#include "io_sockets/toy_hop.h"

namespace fleet::channels {
namespace {

using test::ToyHop;

class NatsLeafTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::NatsServer::installed()) GTEST_SKIP() << "nats-server is not installed";
    server.start();
    mine.emplace(loop.get_executor(), options("mac1"));
    theirs.emplace(loop.get_executor(), options("mac2"));
    run_until([&] { return mine->state() == io::NatsState::connected; });
    run_until([&] { return theirs->state() == io::NatsState::connected; });
    leaf.emplace(&*mine);
    route.self = "mac1";
    route.peer = "mac2";
    route.fleet = "f1";
    route.hop = std::make_shared<ToyHop>();
  }
  void TearDown() override {
    listener.reset();
    mine.reset();
    theirs.reset();
    io::NatsConnection::close_library();
  }

  io::NatsOptions options(const std::string& name) const {
    io::NatsOptions chosen;
    chosen.urls = {server.url()};
    chosen.name = name;
    return chosen;
  }
  template <class Happened>
  bool run_until(Happened happened) {
    const auto start = std::chrono::steady_clock::now();
    while (!happened() && std::chrono::steady_clock::now() - start < Millis{5'000}) {
      loop.restart();
      loop.run_for(Millis{5});
    }
    return happened();
  }
  SendOutcome send(const std::string& frame, Millis budget = Millis{2'000}) {
    auto pending = std::async(std::launch::async, [&] { return leaf->send(frame, route, budget); });
    run_until([&] { return pending.wait_for(Millis{0}) == std::future_status::ready; });
    return pending.get();
  }
  void listen(NatsListener::Handler handler, NatsListenerLimits limits = {}) {
    listener.emplace(*theirs, "f1", "mac2", std::move(handler), limits);
    // Until the server knows of it.
    run_until([&] { return send("hello?", Millis{300}).outcome.detail != "NATS no responders"; });
  }
  static void respond(const NatsFrame& frame, int status, std::string_view body) {
    frame.respond(status, ToyHop::mac(frame.hop, status, body), body);
  }

  test::NatsServer server;
  asio::io_context loop;
  std::optional<io::NatsConnection> mine;
  std::optional<io::NatsConnection> theirs;
  std::optional<NatsLeaf> leaf;
  std::optional<NatsListener> listener;
  PeerRoute route;
};

TEST_F(NatsLeafTest, carries_the_frame_and_brings_back_the_proved_reply) {
  NatsFrame seen;
  listen([&seen](NatsFrame frame) {
    respond(frame, 200, "receipts\nof two lines");
    seen = std::move(frame);
  });
  const SendOutcome outcome = send("frame\nof two lines");
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::receipted) << outcome.outcome.detail;
  EXPECT_TRUE(outcome.proved);
  EXPECT_EQ(outcome.reply, "receipts\nof two lines");
  EXPECT_EQ(seen.source, "mac1");
  EXPECT_EQ(seen.subject, "fn.f1.mac2.mac1");
  EXPECT_EQ(seen.body, "frame\nof two lines");
  EXPECT_NE(seen.hop.find(" NATS fn.f1.mac2.mac1  18 c="), std::string::npos) << seen.hop;
  EXPECT_EQ(listener->in_flight(), 1U);  // `seen` could still answer
  seen = {};
  EXPECT_EQ(listener->in_flight(), 0U);
}

TEST_F(NatsLeafTest, nobody_who_listens_is_a_fault) {
  const SendOutcome outcome = send("frame");
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::fault);
  EXPECT_EQ(outcome.outcome.detail, "NATS no responders");
}

TEST_F(NatsLeafTest, an_answer_without_proof_is_a_fault) {
  listen([](NatsFrame frame) { frame.respond(200, "made up", "receipts"); });
  const SendOutcome outcome = send("frame");
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::fault);
  EXPECT_FALSE(outcome.proved);
}

TEST_F(NatsLeafTest, a_peer_that_is_full_pushes_back) {
  std::vector<NatsFrame> held;
  NatsListenerLimits limits;
  limits.in_flight = 1;
  listen([&held](NatsFrame frame) { held.push_back(std::move(frame)); }, limits);
  const SendOutcome outcome = send("frame");
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::back_pressure) << outcome.outcome.detail;
}

TEST_F(NatsLeafTest, a_frame_above_the_listeners_bound_is_refused) {
  NatsListenerLimits limits;
  limits.payload = 1'000;
  int handled = 0;
  listen([&handled](NatsFrame frame) { respond(frame, 200, ""), ++handled; }, limits);
  const int before = handled;
  EXPECT_EQ(send(std::string(2'000, 'x')).outcome.detail, "status 413 without the peer's proof");
  EXPECT_EQ(handled, before);
}

TEST_F(NatsLeafTest, after_the_listeners_end_nothing_is_handed_on) {
  int handled = 0;
  listen([&handled](NatsFrame frame) { respond(frame, 200, ""), ++handled; });
  const int before = handled;
  listener.reset();
  EXPECT_EQ(send("frame", Millis{200}).outcome.detail, "NATS no answer in time");
  EXPECT_EQ(handled, before);
}

TEST_F(NatsLeafTest, a_frame_of_the_largest_size_goes_through) {
  listen([](NatsFrame frame) { respond(frame, 200, std::to_string(frame.body.size())); });
  const SendOutcome outcome = send(std::string(leaf->max_frame_bytes(), 'x'));
  EXPECT_EQ(outcome.reply, std::to_string(leaf->max_frame_bytes())) << outcome.outcome.detail;
  EXPECT_GT(leaf->max_frame_bytes(), 1'000'000U);
}

TEST_F(NatsLeafTest, a_server_that_is_gone_is_a_fault_at_once) {
  server.kill();
  run_until([&] { return mine->state() == io::NatsState::reconnecting; });
  EXPECT_EQ(send("frame").outcome.detail, "NATS not connected");
}

TEST(NatsLeaf, is_not_ready_without_a_server_and_says_what_to_set) {
  NatsLeaf none(nullptr);
  const Readiness readiness = none.ready({});
  EXPECT_FALSE(readiness.ready);
  EXPECT_NE(readiness.reason.find("channels.nats.url"), std::string::npos);
}

}  // namespace
}  // namespace fleet::channels
