#include "faces/http/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "faces/http/connection.h"
#include "faces/http/listen.h"
#include "io/peer_uid.h"

namespace fleet::http {
namespace {

constexpr Millis kAcceptPause{100};  // after a failed accept: no descriptor is free
constexpr Millis kStopPoll{20};
constexpr Millis kStopRest{200};  // for coroutines whose socket has been closed

Origin origin_of(asio::ip::tcp::socket& socket, Entry entry) {
  std::error_code error;
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  const auto peer = socket.remote_endpoint(error);
  Origin origin;
  origin.entry = entry;
  origin.address = peer.address().to_string();
  origin.address_key = address_key(origin.address);
  origin.port = peer.port();
  origin.local_port = socket.local_endpoint(error).port();
  origin.same_uid = entry == Entry::local && io::peer_has_our_uid(socket.native_handle());
  return origin;
}

Origin origin_of(asio::local::stream_protocol::socket& socket, Entry entry) {
  Origin origin;
  origin.entry = entry;
  origin.address = origin.address_key = "unix";
  origin.same_uid = io::peer_has_our_uid(socket.native_handle());
  return origin;
}

template <class ProtocolSocket>
void welcome(const std::shared_ptr<Hall>& hall, ProtocolSocket socket, Entry entry) {
  Origin origin = origin_of(socket, entry);
  std::error_code error;
  socket.non_blocking(true, error);
  if (error) return;
  auto connection =
      std::make_shared<Connection>(hall, Socket(std::move(socket)), std::move(origin));
  if (!hall->has_seat_for(*connection)) return;
  hall->join(*connection);
  asio::co_spawn(hall->executor, Connection::serve(std::move(connection)), asio::detached);
}

template <class Acceptor>
Task<void> accept_all(std::shared_ptr<Hall> hall, std::shared_ptr<Acceptor> acceptor, Entry entry) {
  while (acceptor->is_open()) {
    std::error_code error;
    auto socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      welcome(hall, std::move(socket), entry);
    } else if (acceptor->is_open() && error != asio::error::connection_aborted) {
      co_await hall->clock.sleep_for(kAcceptPause);
    }
  }
}

// Only our own socket file: a successor may have put its own there.
std::function<void()> closer(std::shared_ptr<UnixAcceptor> acceptor, std::string path) {
  struct stat made {};
  ::lstat(path.c_str(), &made);
  return [acceptor = std::move(acceptor), path = std::move(path), made] {
    struct stat found {};
    const bool same = ::lstat(path.c_str(), &found) == 0 && found.st_ino == made.st_ino &&
                      found.st_dev == made.st_dev;
    if (same) ::unlink(path.c_str());
    std::error_code ignored;
    acceptor->close(ignored);
  };
}

}  // namespace

Server::Server(Executor loop, Limits limits, Handler& handler, io::Clock& clock)
    : hall_(std::make_shared<Hall>(std::move(loop), limits, handler, clock)) {}

Server::~Server() {
  close_listeners();
  hall_->drop_all();
}

void Server::set_local_token(std::string token) { hall_->local_token = std::move(token); }

Result<std::uint16_t> Server::listen_tcp(Entry entry, std::string_view address,
                                         bool allow_wildcard) {
  const auto endpoint = parse_listen_address(address, allow_wildcard);
  if (!endpoint) return endpoint.error();
  if (entry == Entry::local && !endpoint.value().address().is_loopback()) {
    return refuse(Code::config, "listen.local must be a loopback address, not '" +
                                    std::string(address) + "'; list it under listen.remote");
  }
  auto opened = open_tcp(hall_->executor, endpoint.value());
  if (!opened) return opened.error();
  const std::shared_ptr<TcpAcceptor> acceptor = opened.value();
  listeners_.push_back({entry, [acceptor] {
                          std::error_code ignored;
                          acceptor->close(ignored);
                        }});
  asio::co_spawn(hall_->executor, accept_all(hall_, acceptor, entry), asio::detached);
  return acceptor->local_endpoint().port();
}

Result<void> Server::listen_unix(const std::string& path) {
  auto opened = open_unix(hall_->executor, path);
  if (!opened) return opened.error();
  const std::shared_ptr<UnixAcceptor> acceptor = opened.value();
  listeners_.push_back({Entry::unix_socket, closer(acceptor, path)});
  asio::co_spawn(hall_->executor, accept_all(hall_, acceptor, Entry::unix_socket), asio::detached);
  return {};
}

void Server::close_listeners() {
  for (const Listener& listener : std::exchange(listeners_, {})) listener.close();
}

void Server::close_entry(Entry entry) {
  std::erase_if(listeners_, [entry](const Listener& listener) {
    if (listener.entry != entry) return false;
    listener.close();
    return true;
  });
  hall_->drop_entry(entry);
}

Task<void> Server::stop() {
  const auto hall = hall_;
  close_listeners();
  hall->finish_all();
  const Tick grace = hall->clock.now() + hall->limits.stop_grace;
  while (!hall->empty() && hall->clock.now() < grace) co_await hall->clock.sleep_for(kStopPoll);
  hall->drop_all();
  const Tick rest = hall->clock.now() + kStopRest;
  while (!hall->empty() && hall->clock.now() < rest) co_await hall->clock.sleep_for(kStopPoll);
}

}  // namespace fleet::http
