// The event stream as an operation: a page at once, or a long poll. The stream itself, which every
// slice publishes to, is catalogue::EventStream; SSE is served from it by the HTTP face.
#pragma once

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "services/events/types.h"

namespace fleet::events {

class EventsService {
 public:
  EventsService(catalogue::EventStream& stream, io::Clock& clock)
      : stream_(stream), clock_(clock) {}
  static void describe(catalogue::Catalogue& catalogue);

  Task<Result<EventPage>> list(EventsRequest request, catalogue::Caller caller);

 private:
  catalogue::EventStream& stream_;
  io::Clock& clock_;
};

}  // namespace fleet::events
