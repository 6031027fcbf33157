// One node of the demo: a home, three ports of loopback and a child process of this very program,
// asked over its unix socket as the command line asks any daemon. Used by demo_fleet only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/transport.h"
#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "io/clock.h"
#include "io/subprocess.h"

namespace fleet::app {

// What every child of the demo starts from.
struct DemoGround {
  io::Clock& clock;
  std::filesystem::path program;  // this binary
  std::filesystem::path folder;   // of the whole demo
  std::vector<std::string> environment{};
  bool allow_root = false;
  std::string nats_url{};  // empty: no NATS server on this machine
};

struct DemoPorts {
  std::uint16_t local = 0, remote = 0, udp = 0;
};

class DemoNode {
 public:
  DemoNode(const DemoGround& ground, std::string id, DemoPorts ports);

  const std::string& id() const { return id_; }
  const std::filesystem::path& home() const { return places_.home; }
  pid_t pid() const { return child_.pid(); }
  std::uint16_t local_port() const { return ports_.local; }

  Result<void> prepare() const;                          // its home and config.json
  Result<void> command(std::vector<std::string> words);  // one that ends by itself: init, join
  Result<void> serve();                                  // returns when it answers
  void kill_now() { child_.kill_now(); }
  void end();

  // One operation of the running node.
  catalogue::Reply ask(const std::string& operation, const nlohmann::json& args,
                       catalogue::Caller::Kind kind = catalogue::Caller::Kind::local);
  // The end of its log, for a person whom something failed.
  std::string last_words() const;

 private:
  io::Program program(std::vector<std::string> words) const;
  std::filesystem::path log() const { return ground_.folder / (id_ + ".log"); }

  const DemoGround& ground_;
  std::string id_;
  DemoPorts ports_;
  Places places_;
  SocketTransport transport_;
  io::Subprocess child_{};
};

}  // namespace fleet::app
