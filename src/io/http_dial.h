// Addresses and sockets for the HTTP client: parsing, resolving, connecting without waiting, and
// the connections that are kept between requests. No HTTP here. Internal to io/http_*.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/http_client.h"
#include "io/owned_fd.h"

namespace fleet::io {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

struct Resolved {
  std::vector<Endpoint> endpoints{};
  HttpFailure failure = HttpFailure::none;  // dns or unreachable where there is none
};

// True where resolve() asks no name server.
bool is_literal(std::string_view address);
Resolved resolve(const std::string& address);

// A non-blocking socket that connects or has connected; none and `error` (an errno) where not.
OwnedFd start_connect(const Endpoint& endpoint, int& error);
HttpFailure failure_of(int error);

// What poll() may wait until `deadline`, in milliseconds, rounded up; 0 where it has passed.
int poll_budget(SteadyTime deadline);

// Thread-safe. Bounded per address and in all; the oldest goes first.
class IdleSockets {
 public:
  // A kept connection that its peer has not closed; none where there is none.
  OwnedFd take(const std::string& address);
  void put(const std::string& address, OwnedFd fd);
  void clear();

 private:
  struct Kept {
    OwnedFd fd;
    SteadyTime since;
  };
  void forget_old(SteadyTime now);

  std::mutex mutex_;
  std::map<std::string, std::vector<Kept>> kept_;  // by address, the youngest last
  std::size_t count_ = 0;
};

}  // namespace fleet::io
