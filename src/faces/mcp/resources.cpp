#include "faces/mcp/resources.h"

#include <string_view>
#include <utility>

namespace fleet::mcp {
namespace {

using catalogue::Catalogue;
using catalogue::Operation;
using nlohmann::json;

bool is_template(const std::string& resource) { return resource.find('{') != resource.npos; }

// "fleet://message/{id}" → "message"
std::string name_of(std::string_view resource) {
  const std::size_t start = resource.find("://");
  if (start != resource.npos) resource.remove_prefix(start + 3);
  return std::string(resource.substr(0, resource.find('/')));
}

json entry_of(const Operation& operation, const char* key) {
  json entry = json::object();
  entry[key] = operation.spec.resource;
  entry["name"] = name_of(operation.spec.resource);
  entry["description"] = operation.spec.summary;
  entry["mimeType"] = "application/json";
  return entry;
}

json list_of(const Catalogue& catalogue, bool templates, const char* list, const char* key) {
  json result = json::object();
  json& entries = result[list] = json::array();
  for (const Operation& operation : catalogue.operations()) {
    const std::string& resource = operation.spec.resource;
    if (resource.empty() || is_template(resource) != templates) continue;
    entries.push_back(entry_of(operation, key));
  }
  return result;
}

// One {name}, at the end: the rest of the address is the field's value.
std::optional<ResourceTarget> match(const Operation& operation, const std::string& uri) {
  const std::string& resource = operation.spec.resource;
  ResourceTarget target{&operation};
  if (!is_template(resource)) {
    return uri == resource ? std::optional(std::move(target)) : std::nullopt;
  }
  const std::size_t open = resource.find('{');
  const std::string prefix = resource.substr(0, open);
  if (!uri.starts_with(prefix) || uri.size() == prefix.size()) return std::nullopt;
  const std::string field = resource.substr(open + 1, resource.find('}') - open - 1);
  target.args[field] = uri.substr(prefix.size());
  return target;
}

}  // namespace

json resource_list(const Catalogue& catalogue) {
  return list_of(catalogue, false, "resources", "uri");
}

json resource_template_list(const Catalogue& catalogue) {
  return list_of(catalogue, true, "resourceTemplates", "uriTemplate");
}

std::optional<ResourceTarget> find_resource(const Catalogue& catalogue, const std::string& uri) {
  for (const Operation& operation : catalogue.operations()) {
    if (operation.spec.resource.empty()) continue;
    if (std::optional<ResourceTarget> target = match(operation, uri)) return target;
  }
  return std::nullopt;
}

json resource_result(const std::string& uri, const json& reply) {
  json contents = json::object();
  contents["uri"] = uri;
  contents["mimeType"] = "application/json";
  contents["text"] = reply.dump(-1, ' ', false, json::error_handler_t::replace);
  json result = json::object();
  result["contents"] = json::array();
  result["contents"].push_back(std::move(contents));
  return result;
}

}  // namespace fleet::mcp
