#include "faces/mcp/revision.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace fleet::mcp {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kHandshakes{"2025-11-25", "2025-06-18", "2025-03-26",
                                                      "2024-11-05", "2024-10-07"};

json server_info() {
  json info = json::object();
  info["name"] = "fleet-nerve";
  info["title"] = "Fleet Nerve";
  info["version"] = FLEET_VERSION;
  return info;
}

json capabilities(Era era) {
  json out = json::object();
  out["tools"]["listChanged"] = true;
  out["resources"] = json::object();
  out["prompts"] = json::object();
  if (era == Era::handshake) out["logging"] = json::object();
  return out;
}

json supported() {
  json list = json::array();
  list.push_back(kStateless);
  for (std::string_view revision : kHandshakes) list.push_back(revision);
  return list;
}

std::string negotiated(const json& params) {
  const auto asked = params.find("protocolVersion");
  if (asked == params.end() || !asked->is_string()) return std::string(kLatestHandshake);
  const std::string& text = asked->get_ref<const std::string&>();
  const bool known = std::find(kHandshakes.begin(), kHandshakes.end(), text) != kHandshakes.end();
  return known ? text : std::string(kLatestHandshake);
}

}  // namespace

std::optional<std::string> named_revision(const json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return std::nullopt;
  const auto revision = meta->find(std::string(kVersionKey));
  if (revision == meta->end()) return std::nullopt;
  return revision->is_string() ? revision->get<std::string>().substr(0, 64) : std::string();
}

json version_mismatch(const std::string& requested) {
  json data = json::object();
  data["supported"] = supported();
  data["requested"] = requested;
  return data;
}

json initialize_result(const json& params, const std::string& instructions) {
  json result = json::object();
  result["protocolVersion"] = negotiated(params);
  result["capabilities"] = capabilities(Era::handshake);
  result["serverInfo"] = server_info();
  result["instructions"] = instructions;
  return result;
}

json discover_result(const std::string& instructions) {
  json result = json::object();
  result["supportedVersions"] = supported();
  result["capabilities"] = capabilities(Era::stateless);
  result["instructions"] = instructions;
  return result;
}

json finished(json result, Era era, Keep keep) {
  if (era == Era::handshake) return result;
  result["resultType"] = "complete";
  result["_meta"][std::string(kServerInfoKey)] = server_info();
  if (keep == Keep::answer) return result;
  result["ttlMs"] = keep == Keep::listing ? kListTtlMs : 0;
  result["cacheScope"] = "private";
  return result;
}

}  // namespace fleet::mcp
