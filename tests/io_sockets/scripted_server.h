// A server on a loopback port or a unix socket that does to each connection what the test says, and
// counts. Real sockets, so only tests under io_sockets use it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fleet::test {

// One accepted connection, in the server's thread.
class Peer {
 public:
  Peer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}

  // The next request with its body; empty once the client closed.
  std::string read_request();
  void write(std::string_view bytes) const;
  // One byte each few milliseconds, until the client closes or the test ends.
  void drip(std::string_view bytes) const;
  void pause(int ms) const;
  void reset() const;        // close with a RST
  void wait_until_closed();  // silent until the client gives up or the test ends
  bool stopping() const { return stopping_; }

 private:
  bool read_more();
  int fd_;
  const std::atomic<bool>& stopping_;
  std::string buffer_;
};

std::string http_answer(int status, std::string_view body, std::string_view headers = "");

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  explicit ScriptedServer(Script script);
  ScriptedServer(Script script, const std::string& unix_path);
  ~ScriptedServer();

  std::string address() const { return address_; }
  int accepted() const { return accepted_; }

 private:
  void listen_and_serve(int fd);
  void serve(int fd);

  Script script_;
  std::string address_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> accepted_{0};
  int listener_ = -1;
  std::vector<std::thread> peers_;
  std::thread acceptor_;
};

// A loopback address where nobody listens.
std::string closed_address();

}  // namespace fleet::test
