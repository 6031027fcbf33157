#include "faces/mcp/tools.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "catalogue/wire_error.h"

namespace fleet::mcp {
namespace {

using catalogue::Access;
using catalogue::Operation;
using nlohmann::json;

bool is_tool(const Operation& operation) {
  return operation.spec.access != Access::trust && !operation.spec.hints.internal;
}

// "fleet_send_smart" → "Fleet send smart"
std::string title_of(std::string name) {
  for (char& c : name) {
    if (c == '_' || c == '-') c = ' ';
  }
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

json annotations_of(const catalogue::Hints& hints) {
  json out = json::object();
  out["readOnlyHint"] = hints.read_only;
  out["idempotentHint"] = hints.idempotent || hints.read_only;
  out["destructiveHint"] = hints.destructive;
  out["openWorldHint"] = !hints.read_only;
  return out;
}

json input_schema(const Operation& operation) {
  json schema = schema_of(operation.input);
  if (!schema.contains("type")) schema["type"] = "object";
  return schema;
}

json tool_of(const Operation& operation) {
  json tool = json::object();
  tool["name"] = operation.spec.name;
  tool["title"] = title_of(operation.spec.name);
  tool["description"] = operation.spec.summary;
  tool["inputSchema"] = input_schema(operation);
  if (operation.output.kind == catalogue::Kind::object) {
    tool["outputSchema"] = schema_of(operation.output);
  }
  tool["annotations"] = annotations_of(operation.spec.hints);
  return tool;
}

json facts_of(const catalogue::Reply& reply) {
  if (!reply) return catalogue::error_json(reply.error());
  if (reply.value().is_object()) return reply.value();
  json wrapped = json::object();
  wrapped["value"] = reply.value();
  return wrapped;
}

}  // namespace

json tool_list(const catalogue::Catalogue& catalogue) {
  json result = json::object();
  json& tools = result["tools"] = json::array();
  for (const Operation& operation : catalogue.operations()) {
    if (is_tool(operation)) tools.push_back(tool_of(operation));
  }
  return result;
}

const Operation* find_tool(const catalogue::Catalogue& catalogue, std::string_view name) {
  const Operation* operation = catalogue.find(name);
  return operation != nullptr && is_tool(*operation) ? operation : nullptr;
}

json tool_result(const catalogue::Reply& reply) {
  json facts = facts_of(reply);
  json text = json::object();
  text["type"] = "text";
  text["text"] = facts.dump(-1, ' ', false, json::error_handler_t::replace);
  json result = json::object();
  result["content"] = json::array();
  result["content"].push_back(std::move(text));
  // SDK clients hold a refusal's structuredContent against the output schema too: it goes as text.
  if (reply) result["structuredContent"] = std::move(facts);
  result["isError"] = !reply.ok();
  return result;
}

}  // namespace fleet::mcp
