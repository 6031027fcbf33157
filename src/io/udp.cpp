#include "io/udp.h"

#include <array>
#include <asio/buffer.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <charconv>

namespace fleet::io {
namespace {

using asio::ip::udp;

std::optional<udp::endpoint> parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::error_code bad;
  const auto address = asio::ip::make_address(std::string(host), bad);
  if (bad) return std::nullopt;
  return udp::endpoint(address, port);
}

std::string text_of(const udp::endpoint& from) {
  const std::string host = from.address().to_string();
  const std::string port = ":" + std::to_string(from.port());
  return from.address().is_v6() ? "[" + host + "]" + port : host + port;
}

Error taken(std::string_view address, const std::error_code& why) {
  return refuse(Code::unavailable, "cannot listen for heartbeats on udp " + std::string(address) +
                                       ": " + why.message() +
                                       "; is another fleet-nerve running here?");
}

}  // namespace

UdpSocket::UdpSocket(asio::ip::udp::socket socket)
    : socket_(std::move(socket)), port_(socket_.local_endpoint().port()) {}

Result<UdpSocket> UdpSocket::bind(Executor loop, std::string_view address) {
  const auto endpoint = parse(address);
  if (!endpoint) {
    return refuse(Code::config,
                  "'" + std::string(address) +
                      "' is not a UDP address; write it as 0.0.0.0:8855 or [::]:8855");
  }
  std::error_code failed;
  udp::socket socket(std::move(loop));
  socket.open(endpoint->protocol(), failed);
  if (failed) return taken(address, failed);
  // So that 0.0.0.0 and [::] can be bound side by side.
  if (endpoint->protocol() == udp::v6()) socket.set_option(asio::ip::v6_only(true), failed);
  socket.bind(*endpoint, failed);
  if (failed) return taken(address, failed);
  socket.non_blocking(true, failed);
  if (failed) return taken(address, failed);
  return UdpSocket(std::move(socket));
}

bool UdpSocket::send(std::string_view address, std::string_view bytes) {
  if (bytes.size() > kDatagramMaxBytes || !socket_.is_open()) return false;
  const auto to = parse(address);
  if (!to) return false;
  std::error_code failed;
  socket_.send_to(asio::buffer(bytes.data(), bytes.size()), *to, 0, failed);
  return !failed;
}

Task<std::optional<Datagram>> UdpSocket::receive() {
  std::array<char, kDatagramMaxBytes + 1> bytes{};
  const auto into = asio::buffer(bytes);
  udp::endpoint from;
  std::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  while (socket_.is_open()) {
    const std::size_t size = co_await socket_.async_receive_from(into, from, token);
    if (failed == asio::error::operation_aborted || failed == asio::error::bad_descriptor) break;
    // Another error is an ICMP answer to something sent before: no datagram, but not the end.
    if (failed || size > kDatagramMaxBytes) continue;
    co_return Datagram{std::string(bytes.data(), size), text_of(from)};
  }
  co_return std::nullopt;
}

void UdpSocket::close() {
  std::error_code ignored;
  socket_.close(ignored);
}

}  // namespace fleet::io
