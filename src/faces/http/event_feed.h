// The event stream as server-sent events: id = cursor, a comment ping where nothing happens, and
// the number of lost events where the reader was too slow. It keeps no reader's state but the
// coroutine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalogue/event_stream.h"
#include "faces/http/response.h"
#include "fleet/base/result.h"
#include "io/clock.h"

namespace fleet::http {

inline constexpr Seconds kFeedPing{15};    // spec: interfaces §3
inline constexpr int kFeedRetryMs = 2000;  // how soon a browser comes back

struct FeedPlace {
  std::uint64_t after = 0;
  std::vector<std::string> types{};
};

// Last-Event-ID wins over ?after=; without either only what is new. ?types= takes commas.
Result<FeedPlace> feed_place(const Request& request, std::uint64_t newest);

Response event_feed(catalogue::EventStream& events, io::Clock& clock, FeedPlace place);

}  // namespace fleet::http
