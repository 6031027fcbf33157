// A UDP socket on the loop for small datagrams: the heartbeat. Best effort both ways: what does not
// go out at once is lost, as UDP may. It neither retries nor answers. Loop thread only.
#pragma once

#include <asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::io {

inline constexpr std::size_t kDatagramMaxBytes = 1'200;  // spec: delivery §9; fits every path's MTU

struct Datagram {
  std::string bytes{};
  std::string from{};  // "192.168.1.4:8855", "[fe80::1%2]:8855"
};

class UdpSocket {
 public:
  // "0.0.0.0:8855", "[::]:8855", "127.0.0.1:0". Numeric only. Code::config for a bad address,
  // Code::unavailable where the port is taken.
  static Result<UdpSocket> bind(Executor loop, std::string_view address);

  std::uint16_t port() const { return port_; }
  // False: too large, not numeric, another address family, or the kernel would not take it.
  bool send(std::string_view address, std::string_view bytes);
  // The next datagram; empty once close() was called. Larger ones than the bound are dropped.
  Task<std::optional<Datagram>> receive();
  void close();

 private:
  explicit UdpSocket(asio::ip::udp::socket socket);
  asio::ip::udp::socket socket_;
  std::uint16_t port_ = 0;
};

}  // namespace fleet::io
