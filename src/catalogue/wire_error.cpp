#include "catalogue/wire_error.h"

#include <array>
#include <nlohmann/json.hpp>

namespace fleet::catalogue {
namespace {

using nlohmann::json;

constexpr std::array kCodes{Code::malformed, Code::unauthenticated, Code::forbidden,
                            Code::not_found, Code::conflict,        Code::too_large,
                            Code::invalid,   Code::limited,         Code::unavailable,
                            Code::full,      Code::timed_out,       Code::config};

Code code_of(std::string_view name, int status) {
  for (Code code : kCodes) {
    if (to_string(code) == name) return code;
  }
  for (Code code : kCodes) {
    if (http_status(code) == status) return code;
  }
  return Code::unavailable;
}

std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

json error_json(const Error& error) {
  json inner = json::object();
  inner["code"] = error.wire_name();
  inner["message"] = error.message;
  if (!error.fields.empty()) {
    json& fields = inner["fields"] = json::array();
    for (const FieldFault& fault : error.fields) {
      json one = json::object();
      one["path"] = fault.path;
      one["problem"] = fault.problem;
      fields.push_back(std::move(one));
    }
  }
  json out = json::object();
  out["error"] = std::move(inner);
  return out;
}

Error error_from_json(const json& body, int status) {
  const auto inner = body.is_object() ? body.find("error") : body.end();
  if (!body.is_object() || inner == body.end() || !inner->is_object()) {
    return refuse(code_of("", status), "the daemon answered " + std::to_string(status));
  }
  const std::string name = text_at(*inner, "code");
  Error error = refuse(code_of(name, status), text_at(*inner, "message"));
  if (to_string(error.code) != name) error.name = name;
  const auto fields = inner->find("fields");
  if (fields == inner->end() || !fields->is_array()) return error;
  for (const json& one : *fields) {
    if (one.is_object()) error.fields.push_back({text_at(one, "path"), text_at(one, "problem")});
  }
  return error;
}

}  // namespace fleet::catalogue
