#include "services/events/service.h"

#include <algorithm>

namespace fleet::events {
namespace {

using catalogue::EventStream;
using catalogue::StreamEvent;

EventPage page_of(const EventStream::Page& from) {
  EventPage page{{}, from.cursor, from.lost};
  for (const StreamEvent& event : from.events) {
    page.events.push_back({event.cursor, event.at.ms, event.type, event.data});
  }
  return page;
}

// The last `limit` of what is kept: what somebody who asks for the first time wants to see.
EventStream::Page newest(const EventStream& stream, const std::vector<std::string>& types,
                         std::size_t limit) {
  EventStream::Page page = stream.since(0, types, EventStream::kCapacity);
  if (page.events.size() > limit) {
    const auto extra = static_cast<std::ptrdiff_t>(page.events.size() - limit);
    page.events.erase(page.events.begin(), page.events.begin() + extra);
  }
  return page;
}

}  // namespace

void EventsService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_events",
         .summary = "Read what happens on this node: messages, peers, channels. Facts and ids, "
                    "never bodies.",
         .http = {"GET", "/events"},
         .cli = {.command = "events",
                 .example = "events --follow --types message.*",
                 .group = "Fleet",
                 .columns = {"at_ms", "type", "data"}},
         .hints = {.read_only = true, .idempotent = true},
         .follow = {.list = "events", .cursor = "cursor", .sse = true}},
        &EventsService::list);
}

Task<Result<EventPage>> EventsService::list(EventsRequest request, catalogue::Caller) {
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(request.limit, 1, 500));
  if (!request.after && request.wait_s == 0) {
    co_return page_of(newest(stream_, request.types, limit));
  }
  const std::uint64_t after = request.after.value_or(stream_.newest());
  if (request.wait_s > 0) {
    const Deadline deadline{clock_.now() + Micros(Seconds(request.wait_s))};
    std::vector<std::string> types = request.types;
    const EventStream::Page first = co_await stream_.next(after, std::move(types), deadline);
    static_cast<void>(first);  // asked again below, with the caller's limit
  }
  co_return page_of(stream_.since(after, request.types, limit));
}

}  // namespace fleet::events
