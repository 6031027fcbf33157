#include "services/trust/config_merge.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fleet/base/strict_json.h"
#include "io/file_io.h"

namespace fleet::trust {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 1024 * 1024;

Error faulty(const std::string& problem) {
  return refuse(Code::config, "config.json: " + problem + "; mend it, then try again");
}

// Strictly first, so that a doubled key is refused and not silently lost by the rewrite.
Result<Json> parse(std::string_view text) {
  if (text.empty()) return Json(Json::object());
  JsonLimits limits;
  limits.bytes = kMaxBytes;
  limits.keys = 16 * 1024;
  const auto strict = parse_strict_json(text, limits);
  if (!strict) return faulty(strict.error().message);
  if (!strict->is_object()) return faulty("must hold an object");
  return Json::parse(text);
}

// What the person wrote stays first: it may be the better road.
Result<void> add_addresses(Json& list, const std::vector<std::string>& addresses,
                           const std::string& path) {
  if (list.is_null()) list = Json::array();
  if (!list.is_array()) return faulty(path + " must be a list");
  for (const std::string& address : addresses) {
    if (std::find(list.begin(), list.end(), Json(address)) == list.end()) list.push_back(address);
  }
  return {};
}

Result<void> add_node(Json& nodes, const NodeAddresses& node) {
  Json& entry = nodes[node.id];
  if (entry.is_null()) entry = Json::object();
  if (!entry.is_object()) return faulty("nodes." + node.id + " must be an object");
  entry["role"] = to_string(node.role);
  if (!node.http.empty()) {
    const auto added = add_addresses(entry["http"], node.http, "nodes." + node.id + ".http");
    if (!added) return added;
  }
  if (!node.udp.empty() && !entry.contains("udp")) entry["udp"] = node.udp;
  return {};
}

}  // namespace

Result<std::string> merged_config(std::string_view before, const ConfigPatch& patch) {
  auto config = parse(before);
  if (!config) return config.error();
  if (!patch.node_id.empty()) (*config)["node_id"] = patch.node_id;
  if (!patch.chief.empty()) (*config)["chief"] = patch.chief;
  Json& nodes = (*config)["nodes"];
  if (nodes.is_null()) nodes = Json::object();
  if (!nodes.is_object()) return faulty("nodes must be an object");
  for (const NodeAddresses& node : patch.nodes) {
    if (const auto added = add_node(nodes, node); !added) return added.error();
  }
  return config->dump(2) + "\n";
}

Result<void> merge_config(const std::filesystem::path& home, const ConfigPatch& patch) {
  const auto file = home / "config.json";
  auto before = io::read_file(file, kMaxBytes);
  if (!before && before.error().code != Code::not_found) return before.error();
  const std::string text = before ? std::move(*before) : std::string();
  const auto after = merged_config(text, patch);
  if (!after) return after.error();
  if (*after == text) return {};
  return io::write_file_atomically(file, *after);
}

}  // namespace fleet::trust
