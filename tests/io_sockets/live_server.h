// The HTTP server on a loop of its own thread, with a handler that does what the path says, and a
// plain blocking client. Ports are the kernel's choice. For the tests of this folder only.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "faces/http/server.h"
#include "io/signal.h"
#include "io/system_clock.h"

namespace fleet::http {

// /health · /echo (the body's size) · /slow (200 ms) · /fault (throws) · /big (1 MB) · /ticks
// (three events) · /flood (a stream without end) · /silent (a stream that waits) · /secret (401
// unread)
class PathHandler final : public Handler {
 public:
  explicit PathHandler(io::Clock& clock) : clock_(clock) {}
  std::optional<Response> admit(const Request& head) override;
  Task<Response> handle(Request request) override;

  std::atomic<int> streams_ended{0};

 private:
  Task<void> ticks(StreamWriter& out);
  Task<void> flood(StreamWriter& out);
  Task<void> silent(StreamWriter& out);

  io::Clock& clock_;
};

class LiveServer {
 public:
  explicit LiveServer(Limits limits = {});
  ~LiveServer();

  std::uint16_t listen(Entry entry);
  // Runs on the loop and waits for it.
  void on_loop(std::function<void()> what);
  void stop();  // returns when the server has stopped
  Counters counters();

  asio::io_context loop{1};
  io::SystemClock clock{loop.get_executor()};
  PathHandler handler{clock};
  Server server;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  explicit Client(const std::string& unix_path);
  ~Client();
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool send(const std::string& bytes);  // false: the server has closed
  // One answer with its body, by Content-Length; what follows stays. Empty: closed, or nothing for
  // 5 s.
  std::string answer(bool head_only = false);
  std::string rest();  // until the server closes
  bool closed_within(int millis);
  std::string ask(const std::string& method, const std::string& path, const std::string& body = "");

 private:
  bool read_more();
  int fd_ = -1;
  std::string read_;
};

std::string get(const std::string& path);
std::string post(const std::string& path, const std::string& body);
int status_of(const std::string& answer);
bool eventually(const std::function<bool()>& what, int millis = 5'000);

}  // namespace fleet::http
