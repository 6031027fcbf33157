#include "io/http_dial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace fleet::io {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kIdlePerAddress = 8;
constexpr std::size_t kIdleInAll = 128;
// Below the server's 60 s: neither side shall close under the other's next request.
constexpr std::chrono::seconds kIdleAge{30};

struct HostPort {
  std::string host;
  std::string port;
};

std::optional<HostPort> split(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == address.size()) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) return std::nullopt;
  return HostPort{std::string(host), std::string(address.substr(colon + 1))};
}

Resolved unix_endpoint(std::string_view path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) return {{}, HttpFailure::unreachable};
  path.copy(name.sun_path, path.size());
  Endpoint endpoint;
  std::memcpy(&endpoint.address, &name, sizeof name);
  endpoint.size = sizeof name;
  return {{endpoint}, HttpFailure::none};
}

Resolved look_up(const HostPort& where, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found) != 0) {
    return {{}, HttpFailure::dns};
  }
  Resolved resolved;
  for (const addrinfo* at = found; at != nullptr && resolved.endpoints.size() < 8;
       at = at->ai_next) {
    Endpoint endpoint;
    if (at->ai_addrlen > sizeof endpoint.address) continue;
    std::memcpy(&endpoint.address, at->ai_addr, at->ai_addrlen);
    endpoint.size = at->ai_addrlen;
    resolved.endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  return resolved;
}

bool set_up(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return false;
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return false;
#if defined(__APPLE__)
  const int no_signal = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &no_signal, sizeof no_signal);
#endif
  return true;
}

// Still open, and silent as it should be between two requests.
bool usable(int fd) {
  char byte = 0;
  const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

bool is_literal(std::string_view address) {
  if (address.starts_with(kUnix)) return true;
  const auto where = split(address);
  if (!where) return true;
  in_addr v4{};
  return where->host.find(':') != std::string::npos ||
         ::inet_pton(AF_INET, where->host.c_str(), &v4) == 1;
}

Resolved resolve(const std::string& address) {
  if (address.starts_with(kUnix)) return unix_endpoint(address.substr(kUnix.size()));
  const auto where = split(address);
  if (!where) return {{}, HttpFailure::dns};
  return look_up(*where, is_literal(address) ? AI_NUMERICHOST : 0);
}

OwnedFd start_connect(const Endpoint& endpoint, int& error) {
  const int family = endpoint.address.ss_family;
  OwnedFd fd(::socket(family, SOCK_STREAM, 0));
  if (!fd || !set_up(fd.get())) {
    error = errno;
    return OwnedFd();
  }
  if (family != AF_UNIX) {
    const int on = 1;  // without it a small request waits 40 ms for the peer's delayed ACK
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const auto* to = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::connect(fd.get(), to, endpoint.size) == 0 || errno == EINPROGRESS) return fd;
  error = errno;
  return OwnedFd();
}

HttpFailure failure_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return HttpFailure::refused;
    case ECONNRESET:
    case EPIPE:
      return HttpFailure::reset;
    case ETIMEDOUT:
      return HttpFailure::timeout;
    default:
      return HttpFailure::unreachable;
  }
}

int poll_budget(SteadyTime deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left <= left.zero()) return 0;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::min<decltype(ms)>(ms, 3'600'000));
}

OwnedFd IdleSockets::take(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  forget_old(std::chrono::steady_clock::now());
  const auto found = kept_.find(address);
  if (found == kept_.end()) return OwnedFd();
  OwnedFd taken;
  while (!taken && !found->second.empty()) {
    OwnedFd youngest = std::move(found->second.back().fd);
    found->second.pop_back();
    --count_;
    if (usable(youngest.get())) taken = std::move(youngest);
  }
  if (found->second.empty()) kept_.erase(found);
  return taken;
}

void IdleSockets::put(const std::string& address, OwnedFd fd) {
  const std::scoped_lock lock(mutex_);
  const SteadyTime now = std::chrono::steady_clock::now();
  forget_old(now);
  if (count_ >= kIdleInAll) return;
  auto& kept = kept_[address];
  if (kept.size() >= kIdlePerAddress) {
    kept.erase(kept.begin());
    --count_;
  }
  kept.push_back({std::move(fd), now});
  ++count_;
}

void IdleSockets::clear() {
  const std::scoped_lock lock(mutex_);
  kept_.clear();
  count_ = 0;
}

void IdleSockets::forget_old(SteadyTime now) {
  for (auto at = kept_.begin(); at != kept_.end();) {
    const auto old = [now](const Kept& kept) { return now - kept.since > kIdleAge; };
    count_ -= std::erase_if(at->second, old);
    at = at->second.empty() ? kept_.erase(at) : std::next(at);
  }
}

}  // namespace fleet::io
