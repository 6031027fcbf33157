#include "app/demo_node.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "io/file_io.h"
#include "io/interrupt.h"
#include "io/waiting.h"

namespace fleet::app {
namespace {

using nlohmann::json;

constexpr Millis kAnswer{15'000};   // longest answer, a wait for a receipt included
constexpr Millis kStart{20'000};    // a sanitizer build needs some of it
constexpr Millis kCommand{15'000};  // init, join
constexpr Millis kGrace{3'000};     // SIGTERM to SIGKILL
constexpr Millis kLook{20};
constexpr std::size_t kLogCap = 4 * 1024 * 1024;
constexpr std::size_t kLastWords = 900;

std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// Intervals that fit into a minute; everything else is what every node has.
json brief_timing() {
  return {{"heartbeat_ms", 1'000},
          {"probe_min_ms", 250},
          {"probe_max_ms", 1'000},
          {"outbox_max_backoff_ms", 2'000}};
}

}  // namespace

DemoNode::DemoNode(const DemoGround& ground, std::string id, DemoPorts ports)
    : ground_(ground),
      id_(std::move(id)),
      ports_(ports),
      places_{ground.folder / id_},
      transport_(places_, kAnswer) {}

Result<void> DemoNode::prepare() const {
  if (auto made = io::make_private_dir(places_.home); !made) return made;
  json config{{"node_id", id_}, {"timing", brief_timing()}};
  config["listen"] = {{"local", loopback(ports_.local)},
                      {"remote", json::array({loopback(ports_.remote)})},
                      {"udp", loopback(ports_.udp)}};
  if (!ground_.nats_url.empty()) config["channels"]["nats"]["url"] = ground_.nats_url;
  return io::write_file_atomically(places_.config(), config.dump(2) + '\n');
}

io::Program DemoNode::program(std::vector<std::string> words) const {
  io::Program program{.environment = ground_.environment, .folder = places_.home, .output = log()};
  program.words = std::move(words);
  program.words.insert(program.words.begin(), ground_.program.string());
  program.environment.push_back("FLEET_NERVE_HOME=" + places_.home.string());
  return program;
}

Result<void> DemoNode::command(std::vector<std::string> words) {
  const std::string name = words.front();
  auto child = io::Subprocess::start(program(std::move(words)));
  if (!child) return child.error();
  const auto status = child->wait(kCommand);
  if (status == 0) return {};
  return refuse(Code::unavailable, "`" + name + "` failed on " + id_ + ":\n" + last_words());
}

Result<void> DemoNode::serve() {
  std::vector<std::string> words{"serve"};
  if (ground_.allow_root) words.emplace_back("--allow-root");
  auto child = io::Subprocess::start(program(std::move(words)));
  if (!child) return child.error();
  child_ = std::move(*child);
  const Tick give_up = ground_.clock.now() + kStart;
  while (!ask("fleet_health", json::object())) {
    if (io::interrupted()) return refuse(Code::unavailable, "interrupted");
    if (!child_.running() || ground_.clock.now() > give_up) {
      return refuse(Code::unavailable, id_ + " did not come up:\n" + last_words());
    }
    static_cast<void>(io::pause(kLook));
  }
  return {};
}

void DemoNode::end() { child_.end(kGrace); }

catalogue::Reply DemoNode::ask(const std::string& operation, const json& args,
                               catalogue::Caller::Kind kind) {
  catalogue::Caller caller;
  caller.kind = kind;
  return catalogue::call_remote(transport_, operation, args, caller);
}

std::string DemoNode::last_words() const {
  auto text = io::read_file(log(), kLogCap);
  if (!text) return "(it left no log)";
  if (text->size() <= kLastWords) return *text;
  const std::size_t line = text->find('\n', text->size() - kLastWords);
  return text->substr(line == text->npos ? text->size() - kLastWords : line + 1);
}

}  // namespace fleet::app
