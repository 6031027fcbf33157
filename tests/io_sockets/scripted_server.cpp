#include "io_sockets/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace fleet::test {
namespace {

int bound_loopback(std::string& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    throw std::runtime_error("cannot bind a loopback port");
  }
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  address = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  return fd;
}

int bound_unix(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    throw std::runtime_error("cannot bind " + path);
  }
  return fd;
}

bool readable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  return ::poll(&polled, 1, 20) > 0;
}

std::size_t body_size(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

bool Peer::read_more() {
  while (!stopping_) {
    if (!readable(fd_)) continue;
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }
  return false;
}

std::string Peer::read_request() {
  while (true) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t whole = end + 4 + body_size(buffer_.substr(0, end));
      if (buffer_.size() >= whole) {
        std::string request = buffer_.substr(0, whole);
        buffer_.erase(0, whole);
        return request;
      }
    }
    if (!read_more()) return "";
  }
}

void Peer::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

void Peer::drip(std::string_view bytes) const {
  for (const char& byte : bytes) {
    if (stopping_ || ::send(fd_, &byte, 1, MSG_NOSIGNAL) != 1) return;
    pollfd polled{fd_, 0, 0};
    ::poll(&polled, 1, 5);
  }
}

void Peer::pause(int ms) const { ::poll(nullptr, 0, ms); }

void Peer::reset() const {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Peer::wait_until_closed() {
  while (read_more()) buffer_.clear();
}

std::string http_answer(int status, std::string_view body, std::string_view headers) {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
  answer.append(headers);
  answer += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return answer.append(body);
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listen_and_serve(bound_loopback(address_));
}

ScriptedServer::ScriptedServer(Script script, const std::string& unix_path)
    : script_(std::move(script)), address_("unix:" + unix_path) {
  listen_and_serve(bound_unix(unix_path));
}

void ScriptedServer::listen_and_serve(int fd) {
  listener_ = fd;
  ::listen(fd, 64);
  acceptor_ = std::thread([this] {
    while (!stopping_) {
      if (!readable(listener_)) continue;
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) continue;
      ++accepted_;
      peers_.emplace_back([this, peer] { serve(peer); });
    }
  });
}

void ScriptedServer::serve(int fd) {
  Peer peer(fd, stopping_);
  script_(peer);
  ::close(fd);
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& peer : peers_) peer.join();
  ::close(listener_);
}

std::string closed_address() {
  std::string address;
  ::close(bound_loopback(address));
  return address;
}

}  // namespace fleet::test
