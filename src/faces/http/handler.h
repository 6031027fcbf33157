// What the HTTP server asks of the program behind it. The server knows no operation; the handler
// knows no socket. Implemented by the routes over the catalogue.
#pragma once

#include <optional>

#include "faces/http/request.h"
#include "faces/http/response.h"
#include "io/task.h"

namespace fleet::http {

class Handler {
 public:
  virtual ~Handler() = default;

  // With the head read and the local rules passed, before a byte of the body: authentication,
  // paths, quotas. An answer here ends the request; its body is never read.
  virtual std::optional<Response> admit(const Request& head) = 0;
  virtual Task<Response> handle(Request request) = 0;
};

}  // namespace fleet::http
