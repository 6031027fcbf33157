// The node's configuration: defaults < home's config.json < the nearest .multifleet/config.json
// upwards < environment. Every fault is reported at once, with its JSON path. (spec: interfaces §1)
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/environment.h"
#include "app/places.h"
#include "fleet/base/result.h"
#include "fleet/core/policy_numbers.h"
#include "fleet/model/ids.h"
#include "fleet/model/roster.h"

namespace fleet::app {

struct ListenConfig {
  std::string local = "127.0.0.1:8855";
  bool remote_named = false;          // else: this machine's addresses, once there is a fleet
  std::vector<std::string> remote{};  // "192.168.1.5:8855"
  std::string udp{};
  bool allow_wildcard = false;
};

struct NodeConfig {
  NodeRole role = NodeRole::worker;
  std::vector<std::string> http{};
  std::string udp{};
};

struct NatsConfig {
  std::string url{};  // empty: no NATS
  std::string ca_file{}, credentials_file{};
};

struct Config {
  NodeId node_id{};
  bool node_named = false;  // by the person, not after the host
  ListenConfig listen{};
  std::map<NodeId, NodeConfig> nodes{};
  NatsConfig nats{};
  core::Timing timing{};
  std::string git_dir{};                // whose branch and commit the heartbeat tells; empty: none
  std::string log = "info";             // debug, info, warn
  Millis clock_offset{0};               // tests only
  std::vector<std::string> unserved{};  // sections this version reads and does not serve yet
};

// `from` is the working directory of the search for .multifleet/config.json.
Result<Config> load_config(const Places& places, const Environment& environment,
                           const std::filesystem::path& from);

// One file's worth on top of `config`; adds every fault with its path.
void apply_config(const nlohmann::json& file, Config& config, std::vector<FieldFault>& faults);

}  // namespace fleet::app
