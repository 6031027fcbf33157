#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "io_sockets/live_server.h"

namespace fleet::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Deadlines of a fifth of a second, so that the tests are over soon.
Limits impatient() {
  Limits limits;
  limits.head_deadline = limits.body_deadline = limits.write_deadline = Millis{300};
  limits.idle_deadline = Millis{600};
  return limits;
}

TEST(HttpServer, answers_one_request_after_the_other_on_one_connection) {
  LiveServer node;
  Client client(node.listen(Entry::local));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(status_of(client.ask("GET", "/health")), 200);
    EXPECT_TRUE(client.ask("POST", "/echo", "{\"a\":1}").ends_with("\r\n\r\n7"));
  }
  EXPECT_EQ(node.counters().requests, 200U);
  EXPECT_EQ(node.counters().connections, 1U);
}

TEST(HttpServer, answers_pipelined_requests_in_their_order) {
  LiveServer node;
  Client client(node.listen(Entry::local));
  std::string all;
  for (int i = 0; i < 50; ++i) all += post("/echo", std::string(static_cast<std::size_t>(i), 'x'));
  ASSERT_TRUE(client.send(get("/slow") + all + get("/big")));
  EXPECT_EQ(status_of(client.answer()), 200);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(client.answer().ends_with("\r\n\r\n" + std::to_string(i)));
  EXPECT_GT(client.answer().size(), 1'000'000U);
}

TEST(HttpServer, sends_head_without_the_body) {
  LiveServer node;
  Client client(node.listen(Entry::local));
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(client.answer(true).find("Content-Length: 11\r\n"), std::string::npos);
  EXPECT_EQ(status_of(client.ask("GET", "/health")), 200);
}

TEST(HttpServer, closes_after_the_answer_where_the_client_asks_for_it) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  for (const char* head : {"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                           "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n"}) {
    Client client(port);
    client.send(head);
    EXPECT_NE(client.rest().find("Connection: close"), std::string::npos);
  }
}

TEST(HttpServer, refuses_broken_requests_and_closes) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  std::string many = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 100'000; ++i) many += "X-Header: value\r\n";
  const std::vector<std::pair<std::string, int>> rows{
      {"GET /health HTTP/1.1\nHost: localhost\n\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
       400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       400},
      {"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
      {"OPTIONS /message HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil\r\n\r\n", 405},
      {"GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n", 414},
      {many + "\r\n", 431},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
       "Content-Length: 3000000\r\n\r\n" +
           std::string(3'000'000, 'x'),
       413},
  };
  for (const auto& [bytes, status] : rows) {
    Client client(port);
    client.send(bytes);
    const std::string got = client.rest();
    EXPECT_EQ(status_of(got), status) << bytes.substr(0, 60);
    EXPECT_NE(got.find("{\"error\":{\"code\":"), std::string::npos);
    EXPECT_EQ(got.find("Access-Control"), std::string::npos);
  }
  EXPECT_EQ(status_of(Client(port).ask("GET", "/health")), 200);
}

TEST(HttpServer, lets_a_request_head_drip_for_its_deadline_in_total) {
  LiveServer node(impatient());
  Client client(node.listen(Entry::remote));
  client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n");
  const auto start = steady_clock::now();
  while (client.send("X: y\r\n") && !client.closed_within(20)) {
    ASSERT_LT(steady_clock::now() - start, milliseconds(4'000));
    if (node.counters().timed_out > 0) break;
  }
  EXPECT_EQ(node.counters().timed_out, 1U);
  EXPECT_EQ(status_of(client.rest()), 408);
}

TEST(HttpServer, lets_a_body_drip_for_its_deadline_in_total) {
  LiveServer node(impatient());
  Client client(node.listen(Entry::remote));
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
  const auto start = steady_clock::now();
  while (client.send("x") && !client.closed_within(10) && node.counters().timed_out == 0) {
    ASSERT_LT(steady_clock::now() - start, milliseconds(4'000));
  }
  EXPECT_EQ(node.counters().timed_out, 1U);
}

TEST(HttpServer, closes_connections_that_say_nothing) {
  LiveServer node(impatient());
  const auto port = node.listen(Entry::local);
  Client never(port);
  Client once(port);
  EXPECT_EQ(status_of(once.ask("GET", "/health")), 200);
  EXPECT_TRUE(never.closed_within(3'000));
  EXPECT_TRUE(once.closed_within(3'000));
}

TEST(HttpServer, serves_the_owner_beside_five_hundred_idle_connections) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  const auto far_port = node.listen(Entry::remote);
  std::vector<Client> idle;
  for (int i = 0; i < 250; ++i) {
    idle.emplace_back(port);
    idle.emplace_back(far_port);
    if (i % 2 == 0) idle.back().send("GET /health HT");
  }
  for (int i = 0; i < 50; ++i) {
    const auto start = steady_clock::now();
    EXPECT_EQ(status_of(Client(port).ask("GET", "/health")), 200);
    EXPECT_LT(steady_clock::now() - start, milliseconds(500));
  }
  EXPECT_LE(node.counters().open, Limits{}.connections);
}

TEST(HttpServer, gives_one_remote_address_sixteen_connections) {
  LiveServer node;
  const auto port = node.listen(Entry::remote);
  std::vector<Client> clients;
  for (int i = 0; i < 40; ++i) clients.emplace_back(port);
  EXPECT_TRUE(eventually([&] { return node.counters().evicted == 24; }));
  EXPECT_EQ(node.counters().open, 16U);
}

TEST(HttpServer, answers_what_is_not_admitted_before_it_reads_the_body) {
  LiveServer node;
  Client client(node.listen(Entry::remote));
  client.send(
      "POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 401);
  EXPECT_EQ(node.counters().requests, 0U);
}

TEST(HttpServer, keeps_the_connection_of_who_is_not_admitted_with_a_whole_body) {
  LiveServer node;
  Client client(node.listen(Entry::remote));
  EXPECT_EQ(status_of(client.ask("POST", "/secret", "{}")), 401);
  EXPECT_EQ(status_of(client.ask("GET", "/health")), 200);
}

TEST(HttpServer, tells_a_client_that_waits_to_go_on) {
  LiveServer node;
  Client client(node.listen(Entry::remote));
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer(true), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_TRUE(client.answer().ends_with("\r\n\r\n3"));
}

TEST(HttpServer, holds_all_bodies_together_to_a_budget) {
  Limits limits;
  limits.bodies_in_flight = 1'000'000;
  LiveServer node(limits);
  const auto port = node.listen(Entry::remote);
  const std::string large = post("/echo", std::string(900'000, 'x'));
  Client first(port);
  first.send(large.substr(0, 800'000));
  EXPECT_TRUE(eventually([&] { return node.counters().body_bytes > 700'000; }));
  EXPECT_EQ(status_of(Client(port).ask("POST", "/echo", std::string(900'000, 'y'))), 503);
  first.send(large.substr(800'000));
  EXPECT_EQ(status_of(first.answer()), 200);
  EXPECT_EQ(node.counters().body_bytes, 0U);
  EXPECT_EQ(status_of(Client(port).ask("POST", "/echo", std::string(900'000, 'y'))), 200);
}

TEST(HttpServer, turns_a_fault_of_the_handler_into_500_and_goes_on) {
  LiveServer node;
  Client client(node.listen(Entry::local));
  EXPECT_EQ(status_of(client.ask("GET", "/fault")), 500);
  EXPECT_EQ(status_of(client.ask("GET", "/health")), 200);
  EXPECT_EQ(node.counters().faults, 1U);
}

}  // namespace
}  // namespace fleet::http
