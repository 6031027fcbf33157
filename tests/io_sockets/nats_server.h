// A real nats-server on a loopback port of its own, to be killed, restarted or turned into a black
// hole by SIGSTOP. Tests that need it skip where it is not installed.
#pragma once

#include <sys/types.h>

#include <string>

namespace fleet::test {

class NatsServer {
 public:
  NatsServer();   // on a free port, not started
  ~NatsServer();  // kills it
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  static bool installed();
  // Returns once it accepts connections; with a token it refuses whoever shows none.
  void start(const std::string& token = "");
  void kill();
  void pause() const;
  void resume() const;
  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

 private:
  bool greets() const;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace fleet::test
