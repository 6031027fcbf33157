// The node's HTTP/1.1 server on the asio loop: listeners, seats, and a coroutine per connection. It
// knows no operation and computes no authentication beyond the local rules; the Handler decides the
// rest. Owned by the composition root; loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faces/http/hall.h"
#include "faces/http/handler.h"
#include "faces/http/limits.h"
#include "fleet/base/result.h"
#include "io/clock.h"
#include "io/task.h"

namespace fleet::http {

class Server {
 public:
  // Handler and clock outlive every coroutine on the loop.
  Server(Executor loop, Limits limits, Handler& handler, io::Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // X-Fleet-Token of this node; without one only our own user's processes get in.
  void set_local_token(std::string token);

  // "127.0.0.1:8855", "[::1]:8855"; port 0 takes a free one. Returns the port. Entry::local takes
  // loopback addresses only. Code::unavailable: somebody listens there; Code::config: a bad
  // address.
  Result<std::uint16_t> listen_tcp(Entry entry, std::string_view address,
                                   bool allow_wildcard = false);
  Result<void> listen_unix(const std::string& path);

  // Accepts nothing more, lets requests finish for Limits::stop_grace, then closes what is left.
  Task<void> stop();
  // The listeners of one entry only, and its connections: what `panic` closes.
  void close_entry(Entry entry);

  Counters counters() const { return hall_->snapshot(); }

 private:
  struct Listener {
    Entry entry;
    std::function<void()> close;
  };
  void close_listeners();

  std::shared_ptr<Hall> hall_;
  std::vector<Listener> listeners_;
};

}  // namespace fleet::http
