#include "io_sockets/live_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <future>
#include <stdexcept>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/use_future.hpp>

namespace fleet::http {

std::optional<Response> PathHandler::admit(const Request& head) {
  if (head.path != "/secret") return std::nullopt;
  return error_response(refuse(Code::unauthenticated, "not for you"));
}

Task<Response> PathHandler::handle(Request request) {
  Response out;
  out.body = "{\"ok\":true}";
  if (request.path == "/echo") out.body = std::to_string(request.body.size());
  if (request.path == "/big") out.body.assign(1'000'000, 'x');
  if (request.path == "/fault") throw std::runtime_error("planted");
  if (request.path == "/ticks") out.stream = [this](StreamWriter& to) { return ticks(to); };
  if (request.path == "/flood") out.stream = [this](StreamWriter& to) { return flood(to); };
  if (request.path == "/silent") out.stream = [this](StreamWriter& to) { return silent(to); };
  if (out.stream) out.content_type = "text/event-stream";
  const Millis nap{200};
  if (request.path == "/slow") co_await clock_.sleep_for(nap);
  co_return out;
}

Task<void> PathHandler::ticks(StreamWriter& out) {
  for (int i = 1; i <= 3; ++i) {
    std::string event = sse_event(std::to_string(i), "tick", "{}");
    co_await out.write(std::move(event));
  }
  ++streams_ended;
}

Task<void> PathHandler::flood(StreamWriter& out) {
  const std::string event = sse_event("", "flood", std::string(60'000, 'x'));
  while (co_await out.write(event)) {
  }
  ++streams_ended;
}

Task<void> PathHandler::silent(StreamWriter& out) {
  io::Signal gone;
  out.when_gone([&gone] { gone.notify(); });
  co_await gone.wait();
  ++streams_ended;
}

LiveServer::LiveServer(Limits limits)
    : server(loop.get_executor(), limits, handler, clock),
      work_(loop.get_executor()),
      thread_([this] { loop.run(); }) {}

LiveServer::~LiveServer() {
  stop();
  on_loop([this] { clock.clear(); });
  work_.reset();
  loop.stop();
  thread_.join();
}

std::uint16_t LiveServer::listen(Entry entry) {
  std::uint16_t port = 0;
  on_loop([&] { port = server.listen_tcp(entry, "127.0.0.1:0").value(); });
  return port;
}

void LiveServer::on_loop(std::function<void()> what) {
  std::promise<void> done;
  asio::post(loop, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

void LiveServer::stop() { asio::co_spawn(loop, server.stop(), asio::use_future).wait(); }

Counters LiveServer::counters() {
  Counters out;
  on_loop([&] { out = server.counters(); });
  return out;
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  close(fd_);
  fd_ = -1;
}

Client::Client(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  close(fd_);
  fd_ = -1;
}

Client::~Client() {
  if (fd_ >= 0) close(fd_);
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}

bool Client::send(const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

bool Client::read_more() {
  pollfd poll{fd_, POLLIN, 0};
  if (::poll(&poll, 1, 5'000) != 1) return false;
  std::array<char, 65'536> buffer;
  const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
  if (n > 0) read_.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0;
}

std::string Client::answer(bool head_only) {
  std::size_t end = std::string::npos;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  std::size_t size = end + 4;
  const std::size_t length = read_.substr(0, end).find("Content-Length: ");
  if (length != std::string::npos && !head_only) size += std::stoul(read_.substr(length + 16));
  while (read_.size() < size) {
    if (!read_more()) return {};
  }
  std::string out = read_.substr(0, size);
  read_.erase(0, size);
  return out;
}

std::string Client::rest() {
  while (read_more()) {
  }
  return std::exchange(read_, {});
}

bool Client::closed_within(int millis) {
  pollfd poll{fd_, POLLIN, 0};
  if (::poll(&poll, 1, millis) != 1) return false;
  char byte = 0;
  return recv(fd_, &byte, 1, MSG_PEEK) <= 0;
}

std::string Client::ask(const std::string& method, const std::string& path,
                        const std::string& body) {
  send(method == "GET" ? get(path) : post(path, body));
  return answer();
}

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string post(const std::string& path, const std::string& body) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

int status_of(const std::string& answer) {
  return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

bool eventually(const std::function<bool()>& what, int millis) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(millis);
  while (!what()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 10);
  }
  return true;
}

}  // namespace fleet::http
