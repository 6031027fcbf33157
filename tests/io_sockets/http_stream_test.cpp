#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "io_sockets/live_server.h"

namespace fleet::http {
namespace {

TEST(HttpStream, sends_events_in_chunks_and_ends) {
  LiveServer node;
  Client client(node.listen(Entry::local));
  client.send(get("/ticks"));
  const std::string got = client.rest();
  EXPECT_NE(got.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(got.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(got.find("1c\r\nid: 3\nevent: tick\ndata: {}\n\n\r\n"), std::string::npos);
  EXPECT_TRUE(got.ends_with("\r\n0\r\n\r\n"));
}

TEST(HttpStream, ends_for_a_reader_that_stalls_and_disturbs_nobody) {
  Limits limits;
  limits.write_deadline = Millis{300};
  LiveServer node(limits);
  const auto port = node.listen(Entry::local);
  Client stalled(port);
  stalled.send(get("/flood"));
  Client other(port);
  EXPECT_EQ(status_of(other.ask("GET", "/health")), 200);
  EXPECT_TRUE(eventually([&] { return node.handler.streams_ended == 1; }));
  EXPECT_EQ(status_of(other.ask("GET", "/health")), 200);
  EXPECT_EQ(node.counters().streams, 0U);
}

TEST(HttpStream, ends_when_the_reader_leaves) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  {
    Client reader(port);
    reader.send(get("/silent"));
    EXPECT_EQ(status_of(reader.answer()), 200);
    EXPECT_EQ(node.counters().streams, 1U);
  }
  EXPECT_TRUE(eventually([&] { return node.handler.streams_ended == 1; }));
  EXPECT_TRUE(eventually([&] { return node.counters().open == 0; }));
}

TEST(HttpStream, is_given_to_sixteen_readers) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  std::vector<Client> readers;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back(port);
    readers.back().send(get("/silent"));
    EXPECT_EQ(status_of(readers.back().answer()), 200);
  }
  Client one_more(port);
  const std::string refused = one_more.ask("GET", "/silent");
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(status_of(one_more.ask("GET", "/health")), 200);
}

TEST(HttpServerStop, lets_requests_finish_and_closes_the_rest) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  Client idle(port);
  EXPECT_EQ(status_of(idle.ask("GET", "/health")), 200);
  Client slow(port);
  slow.send(get("/slow"));
  Client reader(port);
  reader.send(get("/silent"));
  EXPECT_EQ(status_of(reader.answer()), 200);
  ASSERT_TRUE(eventually([&] { return node.counters().requests == 3; }));
  node.stop();
  EXPECT_EQ(status_of(slow.answer()), 200);
  EXPECT_TRUE(slow.closed_within(1'000));
  EXPECT_TRUE(idle.closed_within(1'000));
  EXPECT_EQ(node.handler.streams_ended, 1);
  EXPECT_FALSE(Client(port).connected());
  EXPECT_EQ(node.counters().open, 0U);
}

TEST(HttpServerStop, may_come_twice_or_before_anything_listens) {
  LiveServer node;
  node.stop();
  node.listen(Entry::local);
  node.stop();
  node.stop();
}

}  // namespace
}  // namespace fleet::http
