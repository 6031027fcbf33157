// An answer and its bytes. Every answer carries the same security headers; errors are one JSON
// shape. It never speaks CORS. Used by handlers to build answers and by Connection to send them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faces/http/request.h"
#include "faces/http/sse.h"
#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::http {

struct Response {
  int status = 200;
  std::string content_type = "application/json";  // empty: none is sent
  // Further ones. Framing headers are ours and dropped here; a name that stands among the security
  // headers replaces that one (the dashboard brings its own Content-Security-Policy).
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  // Set: the head is sent, then this coroutine writes until it returns or the peer goes. It must
  // not outlive what it refers to; the connection closes after it.
  std::function<Task<void>(StreamWriter&)> stream{};
  bool close = false;
};

// {"error":{"code","message","fields"?}} with the code's own status, Retry-After where it is known.
Response error_response(const Error& error);
Response refusal_response(const Refusal& refusal);
std::string error_json(const Error& error);

// How an answer is framed on its connection.
struct Framing {
  bool keep_alive = true;
  bool head_only = false;
  bool chunked = false;  // a stream to an HTTP/1.1 client
};

std::string_view reason(int status);
bool has_no_body(int status);
// Status line and headers, up to and with the empty line.
void append_head(std::string& out, const Response& response, const Framing& framing);
// One chunk of a stream (never empty: that would end it), and the end.
std::string chunk(std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace fleet::http
