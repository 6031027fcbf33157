#include "faces/http/event_feed.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace fleet::http {
namespace {

using catalogue::EventStream;
using catalogue::StreamEvent;

constexpr std::size_t kTypes = 32;  // names in one filter

bool parse_cursor(std::string_view text, std::uint64_t& out) {
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  return fault == std::errc{} && stop == text.data() + text.size();
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() < kTypes) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

std::string page_text(const EventStream::Page& page) {
  std::string text;
  if (page.lost > 0) {
    text += sse_event("", "lost", "{\"lost\":" + std::to_string(page.lost) + "}");
  }
  for (const StreamEvent& event : page.events) {
    text +=
        sse_event(std::to_string(event.cursor), event.type,
                  to_json(event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return text;
}

Task<void> feed(EventStream* events, io::Clock* clock, FeedPlace place, StreamWriter& writer) {
  std::string hello = sse_retry(kFeedRetryMs);
  writer.when_gone([events] { events->nudge(); });
  bool alive = co_await writer.write(std::move(hello));
  Tick last_word = clock->now();
  while (alive && !writer.gone()) {
    const EventStream::Page page = events->since(place.after, place.types);
    place.after = page.cursor;
    std::string text = page_text(page);
    const Deadline ping{last_word + Micros(kFeedPing)};
    if (text.empty() && clock->now() >= ping.at) text = sse_ping();
    if (text.empty()) {
      co_await events->changed(ping);
      continue;
    }
    last_word = clock->now();
    alive = co_await writer.write(std::move(text));
  }
}

}  // namespace

Result<FeedPlace> feed_place(const Request& request, std::uint64_t newest) {
  FeedPlace place;
  place.after = newest;
  const std::string query = request.query_value("after").value_or("");
  const std::string_view header = request.header("last-event-id");
  const std::string_view cursor = header.empty() ? std::string_view(query) : header;
  if (!cursor.empty() && !parse_cursor(cursor, place.after)) {
    return refuse(Code::invalid, "after must be a cursor, as an event's id says it");
  }
  place.types = split(request.query_value("types").value_or(""));
  return place;
}

Response event_feed(EventStream& events, io::Clock& clock, FeedPlace place) {
  Response response;
  response.content_type = "text/event-stream";
  response.stream = [&events, &clock, place](StreamWriter& writer) {
    return feed(&events, &clock, place, writer);
  };
  return response;
}

}  // namespace fleet::http
