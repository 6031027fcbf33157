#include "faces/http/openapi.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

namespace fleet::http {
namespace {

using catalogue::Field;
using catalogue::Operation;
using nlohmann::json;

json content(json schema) {
  json out = json::object();
  out["application/json"]["schema"] = std::move(schema);
  return out;
}

bool in_path(const Operation& operation, const std::string& field) {
  return operation.spec.http.path.find("{" + field + "}") != std::string::npos;
}

json parameter(const Operation& operation, const Field& field) {
  const bool path = in_path(operation, field.name);
  json out = json::object();
  out["name"] = field.name;
  out["in"] = path ? "path" : "query";
  out["description"] = field.doc;
  out["required"] = path || field.required;
  out["schema"] = schema_of(field.shape);
  return out;
}

json method_of(const Operation& operation) {
  json out = json::object();
  out["operationId"] = operation.spec.name;
  out["summary"] = operation.spec.summary;
  out["parameters"] = json::array();
  const bool query = operation.spec.http.method == "GET";
  for (const Field& field : operation.input.fields) {
    if (!query && !in_path(operation, field.name)) continue;
    out["parameters"].push_back(parameter(operation, field));
  }
  if (!query) out["requestBody"]["content"] = content(schema_of(operation.input));
  json& responses = out["responses"] = json::object();
  responses["200"]["description"] = "done";
  responses["200"]["content"] = content(schema_of(operation.output));
  responses["default"]["description"] = "refused: {\"error\":{\"code\",\"message\",\"fields\"?}}";
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

json openapi_document(const catalogue::Catalogue& catalogue) {
  json out = json::object();
  out["openapi"] = "3.1.0";
  out["info"]["title"] = "fleet-nerve";
  out["info"]["version"] = FLEET_VERSION;
  json& paths = out["paths"] = json::object();
  for (const Operation& operation : catalogue.operations()) {
    if (operation.spec.hints.internal) continue;
    const catalogue::HttpRoute& route = operation.spec.http;
    json rest = method_of(operation);
    if (!route.path.empty()) paths[route.path][lower(route.method)] = std::move(rest);
    json direct = json::object();
    direct["operationId"] = operation.spec.name + "_op";
    direct["summary"] = operation.spec.summary;
    direct["requestBody"]["content"] = content(schema_of(operation.input));
    direct["responses"]["200"]["description"] = "done";
    direct["responses"]["200"]["content"] = content(schema_of(operation.output));
    paths["/op/" + operation.spec.name]["post"] = std::move(direct);
  }
  return out;
}

Task<Response> openapi_page(std::string document) {
  Response response;
  response.body = std::move(document);
  co_return response;
}

}  // namespace fleet::http
