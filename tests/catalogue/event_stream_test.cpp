#include "catalogue/event_stream.h"

#include <gtest/gtest.h>

#include "support/toy_catalogue.h"

namespace fleet::catalogue {
namespace {

using nlohmann::json;

std::string cursors(const EventStream::Page& page) {
  std::string text;
  for (const StreamEvent& event : page.events) text += std::to_string(event.cursor) + " ";
  return text + "-> " + std::to_string(page.cursor) + " lost " + std::to_string(page.lost);
}

struct EventStreamTest : testing::Test {
  asio::io_context loop;
  toy::StillClock clock;
  EventStream stream{clock, 3};
  void publish(const std::string& type) { stream.publish(type, json::object()); }
  ~EventStreamTest() override { clock.clear(); }
};

TEST_F(EventStreamTest, gives_what_came_after_the_cursor) {
  publish("a");
  publish("b");
  EXPECT_EQ(cursors(stream.since(0, {})), "1 2 -> 2 lost 0");
  EXPECT_EQ(cursors(stream.since(1, {})), "2 -> 2 lost 0");
  EXPECT_EQ(cursors(stream.since(2, {})), "-> 2 lost 0");
}

TEST_F(EventStreamTest, keeps_a_bounded_number_and_tells_the_slow_reader_what_it_lost) {
  for (int i = 0; i < 7; ++i) publish("a");
  EXPECT_EQ(cursors(stream.since(2, {})), "5 6 7 -> 7 lost 2");
  EXPECT_EQ(cursors(stream.since(0, {})), "5 6 7 -> 7 lost 0");
}

TEST_F(EventStreamTest, filters_by_type_and_by_prefix) {
  publish("message.stored");
  publish("peer.online");
  publish("message.seen");
  EXPECT_EQ(cursors(stream.since(0, {"peer.online"})), "2 -> 3 lost 0");
  EXPECT_EQ(cursors(stream.since(0, {"message.*"})), "1 3 -> 3 lost 0");
}

TEST_F(EventStreamTest, a_full_page_goes_on_where_it_stopped) {
  for (int i = 0; i < 3; ++i) publish("a");
  EXPECT_EQ(cursors(stream.since(0, {}, 2)), "1 2 -> 2 lost 0");
}

TEST_F(EventStreamTest, a_cursor_of_an_earlier_run_starts_from_the_oldest) {
  publish("a");
  EXPECT_EQ(cursors(stream.since(900, {})), "1 -> 1 lost 0");
}

TEST_F(EventStreamTest, a_waiting_reader_wakes_at_the_event_it_wants) {
  std::optional<EventStream::Page> page;
  auto wait = [](EventStream* from, std::optional<EventStream::Page>* out) -> Task<void> {
    std::vector<std::string> types(1, "b");
    const Deadline deadline{Tick{1'000'000}};
    out->emplace(co_await from->next(0, std::move(types), deadline));
  };
  asio::co_spawn(loop, wait(&stream, &page), asio::detached);
  loop.poll();
  publish("a");
  loop.restart();
  loop.poll();
  EXPECT_FALSE(page.has_value());
  publish("b");
  loop.restart();
  loop.poll();
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(cursors(*page), "2 -> 2 lost 0");
}

TEST_F(EventStreamTest, a_waiting_reader_returns_empty_at_its_deadline) {
  std::optional<EventStream::Page> page;
  auto wait = [](EventStream* from, std::optional<EventStream::Page>* out) -> Task<void> {
    const Deadline deadline{Tick{1'000}};
    out->emplace(co_await from->next(0, std::vector<std::string>(), deadline));
  };
  asio::co_spawn(loop, wait(&stream, &page), asio::detached);
  loop.poll();
  clock.advance(Micros{1'000});
  loop.restart();
  loop.poll();
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->events.empty());
}

}  // namespace
}  // namespace fleet::catalogue
