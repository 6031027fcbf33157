// Streams: the port through which a handler's coroutine writes pieces of an answer, and the
// spelling of server-sent events. It knows no event type and keeps no cursor. Used by the handlers
// of streams and by Connection.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "io/task.h"

namespace fleet::http {

class StreamWriter {
 public:
  virtual ~StreamWriter() = default;

  // False once the peer has gone, or took longer than the write deadline for one piece: then
  // return.
  virtual Task<bool> write(std::string piece) = 0;
  virtual bool gone() const = 0;
  // Called once, from the loop, when the peer goes (or the server stops): wake whoever waits for
  // the next event. Replaces the former one.
  virtual void when_gone(std::function<void()> what) = 0;
};

// One event; empty id or name are left out. Data of several lines becomes several data lines, and a
// line break can never end a field early.
std::string sse_event(std::string_view id, std::string_view name, std::string_view data);
std::string sse_retry(int millis);
std::string sse_ping();

}  // namespace fleet::http
