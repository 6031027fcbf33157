#include "io/nats_connection.h"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <optional>

#include "io_sockets/nats_server.h"
#include "io_sockets/scripted_server.h"

namespace fleet::io {
namespace {

using Watch = std::chrono::steady_clock;

Millis since(Watch::time_point start) {
  return std::chrono::duration_cast<Millis>(Watch::now() - start);
}

class NatsConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::NatsServer::installed()) GTEST_SKIP() << "nats-server is not installed";
  }
  static void TearDownTestSuite() { NatsConnection::close_library(); }

  NatsOptions options(const std::string& name) const {
    NatsOptions chosen;
    chosen.urls = {server.url()};
    chosen.name = name;
    chosen.connect_timeout = Millis{500};
    chosen.reconnect_wait = Millis{50};
    chosen.ping = Millis{200};
    return chosen;
  }

  bool run_until(const std::function<bool()>& happened, Millis at_most = Millis{5'000}) {
    const auto start = Watch::now();
    while (!happened() && since(start) < at_most) {
      loop.restart();
      loop.run_for(Millis{5});
    }
    return happened();
  }
  bool run_until_connected(const NatsConnection& connection) {
    return run_until([&] { return connection.state() == NatsState::connected; });
  }
  // A request from another thread, as from the pool, while the loop runs.
  NatsReply ask(NatsConnection& connection, const std::string& data, Millis timeout) {
    auto pending = std::async(std::launch::async,
                              [&] { return connection.request("fn.test", data, timeout); });
    run_until([&] { return pending.wait_for(Millis{0}) == std::future_status::ready; });
    return pending.get();
  }
  void answer_on(NatsConnection& connection) {
    connection.subscribe("fn.*", [&connection](NatsMessage message) {
      connection.publish_soon(message.reply, "re: " + message.data);
    });
  }
  bool is_answered(NatsConnection& asking) {
    return run_until([&] { return ask(asking, "x", Millis{300}).data == "re: x"; });
  }

  test::NatsServer server;
  asio::io_context loop;
};

TEST_F(NatsConnectionTest, carries_a_request_and_its_reply) {
  server.start();
  NatsConnection answering(loop.get_executor(), options("a"));
  NatsConnection asking(loop.get_executor(), options("b"));
  answer_on(answering);
  ASSERT_TRUE(run_until_connected(asking));
  ASSERT_TRUE(is_answered(asking));
  const NatsReply large = ask(asking, std::string(500'000, 'x'), Millis{2'000});
  EXPECT_EQ(large.failure, NatsFailure::none);
  EXPECT_EQ(large.data.size(), 500'004U);
  EXPECT_EQ(ask(asking, std::string(2'000'000, 'x'), Millis{2'000}).failure,
            NatsFailure::too_large);
  EXPECT_EQ(asking.max_payload(), 1'048'576U);
}

TEST_F(NatsConnectionTest, says_at_once_that_nobody_listens) {
  server.start();
  NatsConnection asking(loop.get_executor(), options("a"));
  ASSERT_TRUE(run_until_connected(asking));
  const auto start = Watch::now();
  EXPECT_EQ(ask(asking, "x", Millis{3'000}).failure, NatsFailure::no_responders);
  EXPECT_LT(since(start), Millis{1'000});
}

TEST_F(NatsConnectionTest, a_server_that_is_not_there_yet_is_no_error) {
  int connected = 0;
  NatsHooks hooks;
  hooks.on_connected = [&connected] { ++connected; };
  NatsConnection connection(loop.get_executor(), options("a"), hooks);
  answer_on(connection);
  run_until([] { return false; }, Millis{200});
  EXPECT_EQ(connection.state(), NatsState::reconnecting);
  EXPECT_FALSE(connection.last_error().empty());
  const auto start = Watch::now();
  EXPECT_EQ(ask(connection, "x", Millis{3'000}).failure, NatsFailure::not_connected);
  EXPECT_LT(since(start), Millis{500});
  server.start();
  ASSERT_TRUE(run_until_connected(connection));
  EXPECT_TRUE(run_until([&] { return connected == 1; }));
  NatsConnection asking(loop.get_executor(), options("b"));
  EXPECT_TRUE(is_answered(asking));
}

TEST_F(NatsConnectionTest, a_killed_server_is_a_fault_at_once_and_its_return_mends_everything) {
  server.start();
  int ups = 0;
  int downs = 0;
  NatsHooks hooks;
  hooks.on_connected = [&ups] { ++ups; };
  hooks.on_disconnected = [&downs] { ++downs; };
  NatsConnection asking(loop.get_executor(), options("a"), hooks);
  NatsConnection answering(loop.get_executor(), options("b"));
  answer_on(answering);
  ASSERT_TRUE(run_until_connected(asking));
  ASSERT_TRUE(is_answered(asking));
  server.kill();
  ASSERT_TRUE(run_until([&] { return downs == 1; }));
  const auto start = Watch::now();
  EXPECT_EQ(ask(asking, "x", Millis{3'000}).failure, NatsFailure::not_connected);
  EXPECT_LT(since(start), Millis{500});
  server.start();
  ASSERT_TRUE(run_until([&] { return ups == 2; }));
  EXPECT_TRUE(is_answered(asking));
}

TEST_F(NatsConnectionTest, a_request_under_way_ends_when_the_server_dies) {
  server.start();
  NatsConnection asking(loop.get_executor(), options("a"));
  NatsConnection silent(loop.get_executor(), options("b"));
  silent.subscribe("fn.*", [](NatsMessage) {});
  ASSERT_TRUE(run_until_connected(asking));
  ASSERT_TRUE(
      run_until([&] { return ask(asking, "x", Millis{50}).failure == NatsFailure::timeout; }));
  auto pending = std::async(std::launch::async,
                            [&] { return asking.request("fn.test", "x", Millis{10'000}); });
  run_until([] { return false; }, Millis{100});
  const auto start = Watch::now();
  server.kill();
  run_until([&] { return pending.wait_for(Millis{0}) == std::future_status::ready; });
  EXPECT_EQ(pending.get().failure, NatsFailure::not_connected);
  EXPECT_LT(since(start), Millis{2'000});
}

TEST_F(NatsConnectionTest, a_black_hole_is_noticed_by_the_pings) {
  server.start();
  NatsConnection asking(loop.get_executor(), options("a"));
  ASSERT_TRUE(run_until_connected(asking));
  server.pause();
  const auto start = Watch::now();
  const NatsFailure failure = ask(asking, "x", Millis{300}).failure;
  EXPECT_TRUE(failure == NatsFailure::timeout || failure == NatsFailure::not_connected);
  EXPECT_LT(since(start), Millis{1'000});
  EXPECT_TRUE(run_until([&] { return asking.state() == NatsState::reconnecting; }));
  EXPECT_LT(since(start), Millis{2'500});
  server.resume();
  EXPECT_TRUE(run_until_connected(asking));
}

TEST_F(NatsConnectionTest, reconnect_dials_anew_and_keeps_the_subscriptions) {
  server.start();
  int ups = 0;
  NatsHooks hooks;
  hooks.on_connected = [&ups] { ++ups; };
  NatsConnection answering(loop.get_executor(), options("a"), hooks);
  NatsConnection asking(loop.get_executor(), options("b"));
  answer_on(answering);
  ASSERT_TRUE(is_answered(asking));
  answering.reconnect();
  ASSERT_TRUE(run_until([&] { return ups == 2; }));
  EXPECT_TRUE(is_answered(asking));
}

TEST_F(NatsConnectionTest, stops_while_it_dials_a_server_that_never_greets) {
  const test::ScriptedServer silent([](test::Peer& peer) { peer.wait_until_closed(); });
  NatsOptions chosen = options("a");
  chosen.urls = {"nats://" + silent.address()};
  const auto start = Watch::now();
  {
    const NatsConnection connection(loop.get_executor(), chosen);
    run_until([&] { return silent.accepted() > 0; });
  }
  EXPECT_LT(since(start), Millis{4'000});
}

TEST_F(NatsConnectionTest, a_server_that_refuses_us_is_tried_again) {
  server.start("a-token");
  NatsConnection connection(loop.get_executor(), options("a"));
  run_until([] { return false; }, Millis{400});
  EXPECT_EQ(connection.state(), NatsState::reconnecting);
  EXPECT_FALSE(connection.last_error().empty());
  server.kill();
  server.start();
  EXPECT_TRUE(run_until_connected(connection));
  server.kill();
  server.start("a-token");
  run_until([] { return false; }, Millis{400});
  EXPECT_EQ(connection.state(), NatsState::reconnecting);
  server.kill();
  server.start();
  EXPECT_TRUE(run_until_connected(connection));
}

TEST_F(NatsConnectionTest, tls_is_never_downgraded) {
  server.start();  // it speaks no TLS
  NatsOptions chosen = options("a");
  chosen.urls = {"tls" + server.url().substr(4)};
  NatsConnection connection(loop.get_executor(), chosen);
  run_until([] { return false; }, Millis{500});
  EXPECT_NE(connection.state(), NatsState::connected);
  EXPECT_EQ(ask(connection, "x", Millis{300}).failure, NatsFailure::not_connected);
}

}  // namespace
}  // namespace fleet::io
