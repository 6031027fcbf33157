#include "app/demo_fleet.h"

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/free_ports.h"

namespace fleet::app {
namespace {

using nlohmann::json;

constexpr Millis kGrace{2'000};

// What a child may know of this process's surroundings: nothing that configures a node.
std::vector<std::string> plain_environment(const Environment& environment) {
  std::vector<std::string> kept;
  for (const char* name : {"PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const std::string& value = environment.get(name);
    if (!value.empty()) kept.push_back(std::string(name) + '=' + value);
  }
  return kept;
}

bool sees_all_others(const json& peers) {
  std::size_t online = 0;
  for (const json& peer : peers.at("peers")) online += peer.at("online").get<bool>() ? 1U : 0U;
  return online == DemoFleet::kNodes;
}

}  // namespace

Result<DemoFolder> DemoFolder::make(const Environment& environment) {
  const std::string& wanted = environment.get("TMPDIR");
  std::string name = (wanted.empty() ? std::string("/tmp") : wanted) + "/fleet-demo-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    return refuse(Code::unavailable, "cannot make a folder for the demo: " + name);
  }
  return DemoFolder(std::filesystem::canonical(name));
}

DemoFolder::~DemoFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

DemoFleet::DemoFleet(DemoFolder folder, const Start& start, io::Clock& clock)
    : folder_(std::move(folder)),
      ground_{.clock = clock,
              .program = io::own_program(),
              .folder = folder_.path(),
              .environment = plain_environment(start.environment),
              .allow_root = ::geteuid() == 0},
      nats_program_(io::find_program("nats-server", start.environment.get("PATH"))) {}

Result<std::unique_ptr<DemoFleet>> DemoFleet::make(const Start& start, io::Clock& clock) {
  auto folder = DemoFolder::make(start.environment);
  if (!folder) return folder.error();
  std::unique_ptr<DemoFleet> fleet(new DemoFleet(std::move(*folder), start, clock));
  if (auto settled = fleet->settle(); !settled) return settled.error();
  return fleet;
}

// Every port and every home.
Result<void> DemoFleet::settle() {
  auto ports = io::free_ports(3 * kNodes + 1);
  if (!ports) return ports.error();
  nats_port_ = ports->back();
  if (has_nats()) ground_.nats_url = "nats://127.0.0.1:" + std::to_string(nats_port_);
  for (std::size_t i = 0; i < kNodes; ++i) {
    const DemoPorts own{ports->at(3 * i), ports->at(3 * i + 1), ports->at(3 * i + 2)};
    nodes_.emplace_back(ground_, "mac" + std::to_string(i + 1), own);
    if (auto prepared = nodes_.back().prepare(); !prepared) return prepared;
  }
  return {};
}

DemoFleet::~DemoFleet() {
  for (DemoNode& node : nodes_) node.end();
  nats_.end(kGrace);
}

Result<void> DemoFleet::found() {
  if (auto made = node(0).command({"init"}); !made) return made;
  return node(0).serve();
}

Result<void> DemoFleet::join(std::size_t index) {
  // As a person at a terminal, for whom alone a node makes an invite.
  auto invite = node(0).ask("fleet_invite", json::object(), catalogue::Caller::Kind::tty);
  if (!invite) return invite.error();
  auto joined = node(index).command({"join", invite->at("token").get<std::string>()});
  if (!joined) return joined;
  return node(index).serve();
}

Result<bool> DemoFleet::acquainted() {
  for (DemoNode& node : nodes_) {
    auto peers = node.ask("fleet_discover", json::object());
    if (!peers) return peers.error();
    if (!sees_all_others(*peers)) return false;
  }
  return true;
}

Result<bool> DemoFleet::all_roads_healthy() {
  for (DemoNode& node : nodes_) {
    auto roads = node.ask("fleet_channels", json::object());
    if (!roads) return roads.error();
    for (const json& road : roads->at("channels")) {
      if (road.at("state").get<std::string>() != "healthy") return false;
    }
  }
  return true;
}

Result<void> DemoFleet::start_nats() {
  const io::Program program{
      .words = {nats_program_->string(), "-a", "127.0.0.1", "-p", std::to_string(nats_port_)},
      .environment = ground_.environment,
      .folder = folder_.path(),
      .output = folder_.path() / "nats.log"};
  auto child = io::Subprocess::start(program);
  if (!child) return child.error();
  nats_ = std::move(*child);
  return {};
}

}  // namespace fleet::app
