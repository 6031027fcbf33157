#include "services/events/service.h"

#include <gtest/gtest.h>

#include "support/small_fleet.h"

namespace fleet::events {
namespace {

struct EventsTest : testing::Test {
  test::SliceWorld world{};
  EventsService service{world.events, world.clock};
  std::optional<Result<EventPage>> answer{};

  void publish(const std::string& type) { world.events.publish(type, nlohmann::json::object()); }
  static Task<void> hold(Task<Result<EventPage>> task, std::optional<Result<EventPage>>* out) {
    out->emplace(co_await std::move(task));
  }
  void ask(EventsRequest request) {
    answer.reset();
    asio::co_spawn(world.loop, hold(service.list(std::move(request), {}), &answer), asio::detached);
    world.settle();
  }
  std::string seen() {
    if (!answer) return "waiting";
    std::string text;
    for (const EventItem& event : (*answer)->events) text += event.type + " ";
    return text + std::to_string((*answer)->cursor);
  }
};

TEST_F(EventsTest, without_a_cursor_the_newest_are_shown) {
  for (const char* type : {"a", "b", "c"}) publish(type);
  EventsRequest request;
  request.limit = 2;
  ask(request);
  EXPECT_EQ(seen(), "b c 3");
}

TEST_F(EventsTest, a_cursor_goes_on_where_the_last_page_ended) {
  for (const char* type : {"a", "b", "c"}) publish(type);
  EventsRequest request;
  request.after = 0;
  request.limit = 2;
  ask(request);
  EXPECT_EQ(seen(), "a b 2");
  request.after = 2;
  ask(request);
  EXPECT_EQ(seen(), "c 3");
}

TEST_F(EventsTest, a_long_poll_wakes_at_the_first_event_of_its_type) {
  EventsRequest request;
  request.after = 0;
  request.wait_s = 30;
  request.types = {"peer.*"};
  ask(request);
  EXPECT_EQ(seen(), "waiting");
  publish("message.stored");
  world.settle();
  EXPECT_EQ(seen(), "waiting");
  publish("peer.online");
  world.settle();
  EXPECT_EQ(seen(), "peer.online 2");
}

TEST_F(EventsTest, a_long_poll_ends_empty_at_its_time) {
  EventsRequest request;
  request.wait_s = 30;
  ask(request);
  world.pass(Seconds{29});
  EXPECT_EQ(seen(), "waiting");
  world.pass(Seconds{1});
  EXPECT_EQ(seen(), "0");
}

TEST_F(EventsTest, a_long_poll_without_a_cursor_waits_for_what_is_new) {
  publish("old");
  EventsRequest request;
  request.wait_s = 30;
  ask(request);
  EXPECT_EQ(seen(), "waiting");
  publish("new");
  world.settle();
  EXPECT_EQ(seen(), "new 2");
}

}  // namespace
}  // namespace fleet::events
