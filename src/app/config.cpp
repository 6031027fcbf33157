#include "app/config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/config_reader.h"
#include "fleet/base/strict_json.h"
#include "io/file_io.h"

namespace fleet::app {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::int64_t kMaxTiming = 24 * 3'600'000;

bool is_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return false;
  const std::string_view port = std::string_view(text).substr(colon + 1);
  unsigned number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  return bad == std::errc{} && end == port.data() + port.size() && number <= 65'535;
}

void check_address(ConfigReader& in, const std::string& key, const std::string& value) {
  if (!value.empty() && !is_address(value)) in.fault(key, "must be HOST:PORT");
}

void read_listen(ConfigReader& in, ListenConfig& listen) {
  in.text("local", listen.local);
  check_address(in, "local", listen.local);
  if (in.texts("remote", listen.remote)) listen.remote_named = true;
  for (const std::string& address : listen.remote) check_address(in, "remote", address);
  in.text("udp", listen.udp);
  check_address(in, "udp", listen.udp);
  in.boolean("allow_wildcard", listen.allow_wildcard);
  in.skip("relay");
}

NodeConfig read_node(ConfigReader& in) {
  NodeConfig node;
  std::string role = "worker";
  in.text("role", role);
  if (const auto known = parse_node_role(role)) {
    node.role = *known;
  } else {
    in.fault("role", "must be chief, captain or worker");
  }
  in.texts("http", node.http);
  for (const std::string& address : node.http) check_address(in, "http", address);
  in.text("udp", node.udp);
  check_address(in, "udp", node.udp);
  for (const char* later : {"relay", "ssh", "mac", "wol_broadcast"}) in.skip(later);
  return node;
}

void read_channels(ConfigReader& in, Config& config) {
  in.object("nats", [&config](ConfigReader& nats) {
    nats.text("url", config.nats.url);
    nats.text("ca_file", config.nats.ca_file);
    nats.text("credentials_file", config.nats.credentials_file);
    const std::string& url = config.nats.url;
    if (!url.empty() && !url.starts_with("nats://") && !url.starts_with("tls://")) {
      nats.fault("url", "must begin with nats:// or tls://");
    }
  });
  for (const char* road : {"git", "ssh", "cloud", "text"}) {
    if (in.skip(road)) config.unserved.push_back(in.path_of(road));
  }
}

void read_timing(const std::string& name, const json& value, Config& config,
                 std::vector<FieldFault>& faults) {
  const std::string path = "timing." + name;
  if (!value.is_number_integer() || value.get<std::int64_t>() < 1 ||
      value.get<std::int64_t>() > kMaxTiming) {
    faults.push_back({path, "must be 1 to 86400000 milliseconds"});
  } else if (!core::override_timing(config.timing, name, Millis{value.get<std::int64_t>()})) {
    faults.push_back({path, "is not known"});
  }
}

std::optional<std::filesystem::path> nearest_multifleet(std::filesystem::path from) {
  for (;; from = from.parent_path()) {
    const auto file = from / ".multifleet" / "config.json";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) return file;
    if (from == from.root_path() || from.empty()) return std::nullopt;
  }
}

Result<void> apply_file(const std::filesystem::path& file, Config& config,
                        std::vector<FieldFault>& faults) {
  auto text = io::read_file(file, kMaxFile);
  if (!text && text.error().code == Code::not_found) return {};
  if (!text) return refuse(Code::config, text.error().message);
  auto parsed = parse_strict_json(*text);
  if (!parsed) {
    faults.push_back({file.string(), parsed.error().message});
    return {};
  }
  if (!parsed->is_object()) {
    faults.push_back({file.string(), "must hold one JSON object"});
    return {};
  }
  apply_config(*parsed, config, faults);
  return {};
}

// A name that fits, made of the host's: "My-Mac.local" gives "my-mac".
NodeId name_of_host() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  NodeId name;
  for (const char* c = host.data(); *c != '\0' && *c != '.' && name.size() < 32; ++c) {
    const char lower = (*c >= 'A' && *c <= 'Z') ? static_cast<char>(*c - 'A' + 'a') : *c;
    const bool fits = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (fits || (lower == '-' && !name.empty())) name += lower;
  }
  return name.empty() ? "node" : name;
}

void apply_environment(const Environment& environment, Config& config,
                       std::vector<FieldFault>& faults) {
  if (const auto& id = environment.get("MULTIFLEET_NODE_ID"); !id.empty()) config.node_id = id;
  if (const auto& log = environment.get("FLEET_NERVE_LOG"); !log.empty()) config.log = log;
  if (config.log != "debug" && config.log != "info" && config.log != "warn") {
    faults.push_back({"FLEET_NERVE_LOG", "must be debug, info or warn"});
  }
  if (const auto& shift = environment.get("FLEET_NERVE_CLOCK_OFFSET_MS"); !shift.empty()) {
    std::int64_t ms = 0;
    const auto [end, bad] = std::from_chars(shift.data(), shift.data() + shift.size(), ms);
    if (bad != std::errc{} || end != shift.data() + shift.size()) {
      faults.push_back({"FLEET_NERVE_CLOCK_OFFSET_MS", "must be whole milliseconds"});
    }
    config.clock_offset = Millis{ms};
  }
}

Error all_faults(std::vector<FieldFault> faults) {
  std::string message = "the configuration has " + std::to_string(faults.size()) + " fault(s):";
  for (const FieldFault& fault : faults) message += "\n  " + fault.path + ' ' + fault.problem;
  Error error = refuse(Code::config, std::move(message));
  error.fields = std::move(faults);
  return error;
}

}  // namespace

void apply_config(const json& file, Config& config, std::vector<FieldFault>& faults) {
  ConfigReader in(file, "", faults);
  in.text("node_id", config.node_id);
  std::string chief;
  in.text("chief", chief);
  in.object("listen", [&](ConfigReader& listen) { read_listen(listen, config.listen); });
  in.entries("nodes", [&](const std::string& name, const json& value) {
    if (!valid_node_id(name)) in.fault("nodes." + name, "is not a node id: a-z, 0-9 and -");
    ConfigReader entry(value, "nodes." + name, faults);
    config.nodes[name] = read_node(entry);
    if (name == chief) config.nodes[name].role = NodeRole::chief;
    entry.refuse_the_rest();
  });
  in.object("channels", [&](ConfigReader& channels) { read_channels(channels, config); });
  in.entries("timing", [&](const std::string& name, const json& value) {
    read_timing(name, value, config, faults);
  });
  in.text("git_dir", config.git_dir);
  std::string engine = "embedded";
  in.text("engine", engine);
  if (engine != "embedded" && engine != "jetstream") {
    in.fault("engine", "must be embedded or jetstream");
  }
  for (const char* later : {"agents", "tasks", "limits", "security"}) {
    if (in.skip(later)) config.unserved.emplace_back(later);
  }
  in.refuse_the_rest();
}

Result<Config> load_config(const Places& places, const Environment& environment,
                           const std::filesystem::path& from) {
  Config config;
  std::vector<FieldFault> faults;
  auto own = apply_file(places.config(), config, faults);
  if (!own) return own.error();
  if (const auto classic = nearest_multifleet(from)) {
    auto read = apply_file(*classic, config, faults);
    if (!read) return read.error();
  }
  apply_environment(environment, config, faults);
  config.node_named = !config.node_id.empty();
  if (!config.node_named) config.node_id = name_of_host();
  if (!valid_node_id(config.node_id)) {
    faults.push_back({"node_id", "'" + config.node_id + "' must match [a-z0-9][a-z0-9-]{0,31}"});
  }
  if (!faults.empty()) return all_faults(std::move(faults));
  return config;
}

}  // namespace fleet::app
