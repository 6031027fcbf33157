#include "io/free_ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/owned_fd.h"

namespace fleet::io {
namespace {

// Below the ports that systems give to outgoing connections: what is free here stays free while its
// server restarts.
constexpr std::uint16_t kFirst = 20'000;
constexpr std::uint16_t kSpan = 10'000;

bool bind_port(const OwnedFd& fd, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return fd && ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

bool is_free(std::uint16_t port) {
  const OwnedFd tcp(::socket(AF_INET, SOCK_STREAM, 0));
  const OwnedFd udp(::socket(AF_INET, SOCK_DGRAM, 0));
  return bind_port(tcp, port) && bind_port(udp, port);
}

}  // namespace

Result<std::vector<std::uint16_t>> free_ports(std::size_t count) {
  // Two programs that ask at once begin at different places.
  const auto start = static_cast<std::uint16_t>(::getpid() * 31 % kSpan);
  std::vector<std::uint16_t> ports;
  for (std::uint16_t step = 0; ports.size() < count && step < kSpan; ++step) {
    const auto port = static_cast<std::uint16_t>(kFirst + (start + step) % kSpan);
    if (is_free(port)) ports.push_back(port);
  }
  if (ports.size() == count) return ports;
  return refuse(Code::unavailable, "no free ports on 127.0.0.1");
}

}  // namespace fleet::io
