// What a reader of the event stream asks for and gets.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/limits.h"

namespace fleet::events {

struct EventsRequest {
  std::optional<std::uint64_t> after{};
  std::vector<std::string> types{};
  std::int64_t limit = 100, wait_s = 0;

  template <class V>
  void fields(V& v) {
    v.optional("after", after, "a cursor: only what came after it; without one, the newest");
    v.optional("types", types, "only these, whole (peer.online) or by prefix (message.*)",
               catalogue::at_most_items(32));
    v.optional("limit", limit, "how many at most", catalogue::between(1, 500));
    v.optional("wait_s", wait_s, "seconds to wait for the first one", catalogue::between(0, 60));
  }
};

struct EventItem {
  std::uint64_t cursor = 0;
  std::int64_t at_ms = 0;
  std::string type{};
  nlohmann::json data{};

  template <class V>
  void fields(V& v) {
    v.required("cursor", cursor, "its number");
    v.required("at_ms", at_ms, "when, ms since 1970");
    v.required("type", type, "what happened");
    v.required("data", data, "facts and ids, never a body");
  }
};

struct EventPage {
  std::vector<EventItem> events{};
  std::uint64_t cursor = 0, lost = 0;

  template <class V>
  void fields(V& v) {
    v.required("events", events, "oldest first");
    v.required("cursor", cursor, "pass as after to go on from here");
    v.required("lost", lost, "events after `after` that are no longer kept");
  }
};

}  // namespace fleet::events
