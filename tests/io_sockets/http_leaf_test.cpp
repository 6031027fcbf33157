#include "channels/p2_http/leaf.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "io_sockets/scripted_server.h"
#include "io_sockets/toy_hop.h"

namespace fleet::channels {
namespace {

using test::http_answer;
using test::Peer;
using test::ScriptedServer;
using test::ToyHop;

std::string authorization(const std::string& request) {
  const std::string name = "Authorization: ";
  const std::size_t at = request.find(name);
  if (at == std::string::npos) return "";
  const std::size_t start = at + name.size();
  return request.substr(start, request.find("\r\n", start) - start);
}

// An answer that the toy peer proves.
std::string proved(const std::string& request, int status, std::string_view body,
                   const std::string& more = "") {
  const std::string mac = ToyHop::mac(authorization(request), status, body);
  return http_answer(status, body, "Fleet-Reply: " + mac + "\r\n" + more);
}

struct World {
  io::HttpClient client;
  HttpLeaf leaf{client};
  PeerRoute route;

  explicit World(std::vector<std::string> addresses) {
    route.self = "mac1";
    route.peer = "mac2";
    route.fleet = "f1";
    route.addresses = std::move(addresses);
    route.hop = std::make_shared<ToyHop>();
  }
  SendOutcome send(const std::string& frame = "frame") {
    return leaf.send(frame, route, Millis{3'000});
  }
};

// Keeps every request and answers each with what `answer` makes of it.
ScriptedServer::Script answering(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](Peer& peer) {
    for (std::string asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
      peer.write(answer(asked));
    }
  };
}

TEST(HttpLeaf, posts_the_frame_signed_and_brings_back_the_proved_reply) {
  std::string asked;
  const ScriptedServer server(answering([&asked](const std::string& request) {
    asked = request;
    return proved(request, 200, "receipts");
  }));
  World world({server.address()});
  const SendOutcome outcome = world.send();
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::receipted) << outcome.outcome.detail;
  EXPECT_TRUE(outcome.proved);
  EXPECT_EQ(outcome.reply, "receipts");
  EXPECT_EQ(outcome.address, server.address());
  EXPECT_TRUE(asked.starts_with("POST /frame HTTP/1.1\r\n"));
  EXPECT_NE(asked.find("\r\nContent-Type: application/x-fleet-frame\r\n"), std::string::npos);
  EXPECT_EQ(authorization(asked), "FleetV1 n=1 POST /frame application/x-fleet-frame 5 c=");
}

TEST(HttpLeaf, answers_a_challenge_once) {
  std::atomic<int> asked{0};
  const ScriptedServer server(answering([&asked](const std::string& request) {
    ++asked;
    if (authorization(request).ends_with("c=abc")) return proved(request, 200, "");
    return http_answer(401, "", "Fleet-Challenge: abc\r\n");
  }));
  World world({server.address()});
  EXPECT_EQ(world.send().outcome.kind, OutcomeKind::receipted);
  EXPECT_EQ(asked, 2);
}

TEST(HttpLeaf, a_second_401_is_the_channels_fault) {
  std::atomic<int> asked{0};
  const ScriptedServer server(answering([&asked](const std::string&) {
    ++asked;
    return http_answer(401, "", "Fleet-Challenge: abc\r\n");
  }));
  World world({server.address()});
  EXPECT_EQ(world.send().outcome.kind, OutcomeKind::fault);
  EXPECT_EQ(asked, 2);
}

TEST(HttpLeaf, believes_no_answer_that_the_peer_did_not_prove) {
  for (const int status : {200, 409, 413, 422}) {
    const ScriptedServer server(answering([status](const std::string&) {
      return http_answer(status, "portal", "Fleet-Reply: made-up\r\n");
    }));
    World world({server.address()});
    const SendOutcome outcome = world.send();
    EXPECT_EQ(outcome.outcome.kind, OutcomeKind::fault) << status;
    EXPECT_FALSE(outcome.proved);
    EXPECT_EQ(outcome.reply, "");
  }
}

TEST(HttpLeaf, hands_on_how_long_to_wait) {
  const ScriptedServer server(answering(
      [](const std::string& request) { return proved(request, 429, "", "Retry-After: 7\r\n"); }));
  World world({server.address()});
  const SendOutcome outcome = world.send();
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::back_pressure);
  EXPECT_EQ(outcome.outcome.retry_after, Millis{7'000});
}

TEST(HttpLeaf, a_proved_conflict_is_a_verdict) {
  const ScriptedServer server(
      answering([](const std::string& request) { return proved(request, 409, ""); }));
  World world({server.address()});
  EXPECT_EQ(world.send().outcome.kind, OutcomeKind::rejected);
}

TEST(HttpLeaf, remembers_the_address_that_worked_and_signs_each_sending_anew) {
  std::mutex mutex;
  std::vector<std::string> lines;
  const ScriptedServer silent([&](Peer& peer) {
    const std::string asked = peer.read_request();
    if (!asked.empty()) {
      const std::scoped_lock lock(mutex);
      lines.push_back(authorization(asked));
    }
    peer.wait_until_closed();
  });
  const ScriptedServer live(answering([&](const std::string& request) {
    const std::scoped_lock lock(mutex);
    lines.push_back(authorization(request));
    return proved(request, 200, "");
  }));
  World world({silent.address(), live.address()});
  EXPECT_EQ(world.send().address, live.address());
  EXPECT_EQ(world.send().address, live.address());
  EXPECT_EQ(silent.accepted(), 1);
  const std::scoped_lock lock(mutex);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[0], lines[1]);
}

TEST(HttpLeaf, names_the_reason_in_a_few_words) {
  World world({test::closed_address()});
  const SendOutcome outcome = world.send();
  EXPECT_EQ(outcome.outcome.kind, OutcomeKind::fault);
  EXPECT_EQ(outcome.outcome.detail, "connection refused");
}

TEST(HttpLeaf, is_not_ready_without_an_address_or_a_key_and_says_what_to_do) {
  World world({});
  EXPECT_FALSE(world.leaf.ready(world.route).ready);
  EXPECT_NE(world.leaf.ready(world.route).reason.find("nodes.mac2.http"), std::string::npos);
  EXPECT_EQ(world.send().outcome.kind, OutcomeKind::fault);
  world.route.addresses = {"127.0.0.1:1"};
  EXPECT_TRUE(world.leaf.ready(world.route).ready);
  world.route.hop.reset();
  EXPECT_NE(world.leaf.ready(world.route).reason.find("fleet-nerve invite"), std::string::npos);
}

}  // namespace
}  // namespace fleet::channels
