#include "io/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "io_sockets/scripted_server.h"
#include "support/temp_dir.h"

namespace fleet::io {
namespace {

using test::closed_address;
using test::http_answer;
using test::Peer;
using test::ScriptedServer;

// Answers every request with 200 and what it was asked.
void echo(Peer& peer) {
  for (std::string asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
    peer.write(http_answer(200, asked));
  }
}

HttpRequest get(std::vector<std::string> addresses, Millis budget = Millis{3'000}) {
  HttpRequest request;
  request.addresses = std::move(addresses);
  request.target = "/x";
  request.budget = budget;
  request.repeatable = true;
  return request;
}

struct Timed {
  HttpResponse response;
  Millis took;
};

Timed timed(HttpClient& client, const HttpRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  HttpResponse response = client.send(request);
  const auto took = std::chrono::steady_clock::now() - start;
  return {std::move(response), std::chrono::duration_cast<Millis>(took)};
}

TEST(HttpClient, sends_what_it_is_told_and_asks_for_no_encoding) {
  const ScriptedServer server(&echo);
  HttpClient client;
  HttpRequest request = get({server.address()});
  request.method = "POST";
  request.target = "/frame?a=%20b";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{}";
  request.headers_for = [](const std::string& address) { return HttpHeaders{{"X-For", address}}; };
  const HttpResponse response = client.send(request);
  ASSERT_TRUE(response.answered()) << to_string(response.failure);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with("POST /frame?a=%20b HTTP/1.1\r\n")) << response.body;
  EXPECT_NE(response.body.find("\r\nHost: " + server.address() + "\r\n"), std::string::npos);
  EXPECT_NE(response.body.find("\r\nX-For: " + server.address() + "\r\n"), std::string::npos);
  EXPECT_NE(response.body.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(response.body.find("Accept-Encoding"), std::string::npos);
  EXPECT_TRUE(response.body.ends_with("\r\n\r\n{}"));
  EXPECT_EQ(response.address, server.address());
}

TEST(HttpClient, keeps_the_connection_for_the_next_request) {
  const ScriptedServer server(&echo);
  HttpClient client;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.send(get({server.address()})).answered());
  EXPECT_EQ(server.accepted(), 1);
  client.drop_idle();
  ASSERT_TRUE(client.send(get({server.address()})).answered());
  EXPECT_EQ(server.accepted(), 2);
}

TEST(HttpClient, dials_again_where_the_kept_connection_has_died) {
  const ScriptedServer server([](Peer& peer) {
    if (!peer.read_request().empty()) peer.write(http_answer(200, "once"));
    peer.read_request();  // the next one is read, and its connection closed without an answer
  });
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = client.send(get({server.address()}));
    ASSERT_TRUE(response.answered()) << to_string(response.failure);
    EXPECT_EQ(response.body, "once");
  }
  EXPECT_EQ(server.accepted(), 3);
}

TEST(HttpClient, what_may_not_be_repeated_is_sent_once) {
  std::atomic<int> requests{0};
  const ScriptedServer server([&requests](Peer& peer) {
    if (!peer.read_request().empty()) ++requests;
  });
  HttpClient client;
  HttpRequest request = get({closed_address(), server.address(), server.address()});
  request.repeatable = false;
  EXPECT_EQ(client.send(request).failure, HttpFailure::closed);
  EXPECT_EQ(requests, 1);
}

TEST(HttpClient, says_that_nobody_listens) {
  HttpClient client;
  EXPECT_EQ(client.send(get({closed_address()})).failure, HttpFailure::refused);
  EXPECT_EQ(client.send(get({"unix:/nowhere/sock"})).failure, HttpFailure::unreachable);
  EXPECT_EQ(client.send(get({"no-port"})).failure, HttpFailure::dns);
  EXPECT_EQ(client.send(get({})).failure, HttpFailure::unreachable);
}

TEST(HttpClient, tells_a_reset_from_a_close) {
  const ScriptedServer resets([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  const ScriptedServer closes([](Peer& peer) { peer.read_request(); });
  HttpClient client;
  EXPECT_EQ(client.send(get({resets.address()})).failure, HttpFailure::reset);
  EXPECT_EQ(client.send(get({closes.address()})).failure, HttpFailure::closed);
}

TEST(HttpClient, a_dripping_head_does_not_outlast_the_budget) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.drip("HTTP/1.1 200 OK\r\nX: " + std::string(10'000, 'x'));
  });
  HttpClient client;
  const Timed got = timed(client, get({server.address()}, Millis{300}));
  EXPECT_EQ(got.response.failure, HttpFailure::timeout);
  EXPECT_LT(got.took, Millis{900});
}

TEST(HttpClient, a_dripping_body_does_not_outlast_the_budget) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
    peer.drip(std::string(10'000, 'x'));
  });
  HttpClient client;
  const Timed got = timed(client, get({server.address()}, Millis{300}));
  EXPECT_EQ(got.response.failure, HttpFailure::timeout);
  EXPECT_LT(got.took, Millis{900});
}

TEST(HttpClient, a_cut_body_is_no_answer) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  HttpClient client;
  EXPECT_EQ(client.send(get({server.address()})).failure, HttpFailure::closed);
}

TEST(HttpClient, a_dead_address_costs_nothing_where_it_refuses) {
  const ScriptedServer server(&echo);
  HttpClient client;
  const Timed got = timed(client, get({closed_address(), server.address()}));
  EXPECT_TRUE(got.response.answered());
  EXPECT_EQ(got.response.address, server.address());
  EXPECT_LT(got.took, Millis{200});
}

TEST(HttpClient, a_silent_address_costs_a_quarter_of_a_second) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_until_closed(); });
  const ScriptedServer server(&echo);
  HttpClient client;
  const Timed got = timed(client, get({silent.address(), server.address()}));
  EXPECT_TRUE(got.response.answered());
  EXPECT_EQ(got.response.address, server.address());
  EXPECT_GE(got.took, Millis{240});
  EXPECT_LT(got.took, Millis{900});
}

TEST(HttpClient, a_slow_address_still_wins_where_it_answers_first) {
  const ScriptedServer slow([](Peer& peer) {
    const std::string asked = peer.read_request();
    peer.pause(400);
    if (!asked.empty()) peer.write(http_answer(200, "slow"));
    peer.wait_until_closed();
  });
  const ScriptedServer silent([](Peer& peer) { peer.wait_until_closed(); });
  HttpClient client;
  const HttpResponse response = client.send(get({slow.address(), silent.address()}));
  EXPECT_EQ(response.body, "slow");
}

TEST(HttpClient, nothing_answers_within_the_budget) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_until_closed(); });
  HttpClient client;
  const Timed got = timed(client, get({silent.address(), silent.address()}, Millis{400}));
  EXPECT_EQ(got.response.failure, HttpFailure::timeout);
  EXPECT_GE(got.took, Millis{390});
  EXPECT_LT(got.took, Millis{1'000});
}

TEST(HttpClient, bounds_what_it_reads) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_answer(200, std::string(5'000, 'x')));
  });
  const ScriptedServer endless([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100'000 && !peer.stopping(); ++i) peer.write("X-Filler: 0123456789\r\n");
  });
  HttpClient client;
  HttpRequest request = get({server.address()});
  request.max_response = 5'000;
  EXPECT_TRUE(client.send(request).answered());
  request.max_response = 4'999;
  EXPECT_EQ(client.send(request).failure, HttpFailure::too_large);
  request.addresses = {endless.address()};
  EXPECT_EQ(client.send(request).failure, HttpFailure::too_large);
}

TEST(HttpClient, what_does_not_speak_http_is_malformed) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("220 mail ready\r\n\r\n");
    peer.wait_until_closed();
  });
  HttpClient client;
  EXPECT_EQ(client.send(get({server.address()})).failure, HttpFailure::malformed);
}

TEST(HttpClient, follows_no_redirect) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_answer(302, "", "Location: /other\r\n"));
    peer.wait_until_closed();
  });
  HttpClient client;
  const HttpResponse response = client.send(get({server.address()}));
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.header("location"), "/other");
}

TEST(HttpClient, a_header_with_a_line_break_never_leaves) {
  std::atomic<int> requests{0};
  const ScriptedServer server([&requests](Peer& peer) {
    if (!peer.read_request().empty()) ++requests;
  });
  HttpClient client;
  HttpRequest request = get({server.address()}, Millis{300});
  request.headers = {{"X-A", "b\r\nX-Evil: c"}};
  EXPECT_EQ(client.send(request).failure, HttpFailure::malformed);
  EXPECT_EQ(requests, 0);
}

TEST(HttpClient, speaks_over_a_unix_socket) {
  const test::TempDir dir;
  const ScriptedServer server(&echo, (dir / "sock").string());
  HttpClient client;
  const HttpResponse response = client.send(get({server.address()}));
  ASSERT_TRUE(response.answered()) << to_string(response.failure);
  EXPECT_NE(response.body.find("\r\nHost: localhost\r\n"), std::string::npos);
}

TEST(HttpClient, hands_an_event_stream_on_piece_by_piece_past_the_budget) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; ++i) {
      peer.pause(60);
      peer.write("3\r\nev" + std::to_string(i) + "\r\n");
    }
    peer.wait_until_closed();
  });
  HttpClient client;
  HttpRequest request = get({server.address()}, Millis{150});
  std::string seen;
  int status = 0;
  request.on_status = [&status](int got) {
    status = got;
    return true;
  };
  request.on_chunk = [&seen](std::string_view piece) {
    seen += piece;
    return seen.size() < 12;
  };
  const HttpResponse response = client.send(request);
  EXPECT_EQ(response.failure, HttpFailure::stopped);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(seen, "ev0ev1ev2ev3");
}

TEST(HttpClient, an_event_stream_that_falls_silent_ends) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nev0\r\n");
    peer.wait_until_closed();
  });
  HttpClient client;
  HttpRequest request = get({server.address()});
  request.idle = Millis{150};
  request.on_chunk = [](std::string_view) { return true; };
  EXPECT_EQ(client.send(request).failure, HttpFailure::timeout);
}

TEST(HttpClient, a_large_body_goes_out_whole_while_others_send) {
  const ScriptedServer server([](Peer& peer) {
    for (std::string asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
      peer.write(http_answer(200, std::to_string(asked.size() - asked.find("\r\n\r\n") - 4)));
    }
  });
  HttpClient client;
  std::vector<std::thread> senders;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      HttpRequest request = get({server.address()}, Millis{20'000});
      request.method = "POST";
      request.body = std::string(1'000'000, 'x');
      for (int round = 0; round < 3; ++round) {
        if (client.send(request).body == "1000000") ++right;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(right, 12);
}

}  // namespace
}  // namespace fleet::io
