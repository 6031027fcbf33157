// HTTP/1.1 requests from pool threads (or the CLI's main thread): blocking, thread-safe, over TCP
// or a unix socket. It keeps connections alive, follows no redirect, asks for no encoding, bounds
// what it reads and returns by the budget however the bytes drip in. It knows no fleet header. Used
// by channels/p2_http and the command line.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleet/base/time.h"

namespace fleet::io {

// Why no answer came. refused … dns say that the request was never read.
enum class HttpFailure {
  none,
  refused,      // nobody listens
  unreachable,  // no route, host down, no such socket
  dns,          // the name is unknown
  reset,        // cut with a reset
  closed,       // cut without an answer
  timeout,      // the budget is spent
  malformed,    // what answered does not speak HTTP
  too_large,    // the answer is above max_response
  stopped,      // on_chunk said enough
};
std::string_view to_string(HttpFailure failure);  // "connection refused", "no answer in time" …

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  // "192.168.1.4:8855", "[fd7a::1]:8855", "host.lan:8855", "unix:/run/sock"; best first.
  std::vector<std::string> addresses{};
  std::string method = "GET";
  std::string target = "/";  // as on the request line, already percent-encoded
  HttpHeaders headers{};
  std::string body{};
  Millis budget{5'000};  // for everything, from now to the last byte of the answer
  std::size_t max_response = 4 * 1024 * 1024;

  // May be sent twice: on another address when the first is silent for 250 ms, and again where a
  // kept connection turns out dead. Others go once, over a fresh connection, to the first address
  // that connects.
  bool repeatable = false;
  // Further headers of one sending to one address, e.g. a signature that must not be reused.
  std::function<HttpHeaders(const std::string& address)> headers_for{};

  // The body in pieces as it comes (an event stream): false ends the request. `response.body` stays
  // empty and max_response counts for nothing; the budget ends with the head of the answer and each
  // later piece may take `idle`.
  std::function<bool(std::string_view piece)> on_chunk{};
  std::function<bool(int status)> on_status{};  // before the first piece; false ends the request
  Millis idle{60'000};
};

struct HttpResponse {
  HttpFailure failure = HttpFailure::none;
  int status = 0;
  HttpHeaders headers{};  // names in lower case
  std::string body{};
  std::string address{};  // that answered, or the last one tried
  Millis took{0};

  bool answered() const { return failure == HttpFailure::none; }
  std::string_view header(std::string_view lower_case_name) const;  // empty where absent
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpResponse send(const HttpRequest& request);
  // Closes every kept connection: after a change of network.
  void drop_idle();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fleet::io
