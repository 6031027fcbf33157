#include "faces/mcp/frame.h"

#include <utility>

#include "fleet/base/strict_json.h"

namespace fleet::mcp {
namespace {

using nlohmann::json;

constexpr std::size_t kIdBytes = 256;

bool is_id(const json& id) {
  if (id.is_number_integer()) return true;
  return id.is_string() && id.get_ref<const std::string&>().size() <= kIdBytes;
}

Frame broken(int error, std::string problem, json id = nullptr) {
  Frame frame;
  frame.id = std::move(id);
  frame.error = error;
  frame.problem = std::move(problem);
  return frame;
}

Frame call_frame(json& message, json id, bool has_id) {
  if (!message["method"].is_string()) {
    return broken(kInvalidRequest, "method must be a string", std::move(id));
  }
  Frame frame;
  frame.kind = has_id ? Frame::Kind::request : Frame::Kind::notification;
  frame.id = std::move(id);
  frame.method = message["method"].get<std::string>();
  const auto params = message.find("params");
  if (params == message.end() || params->is_null()) return frame;
  if (!params->is_object()) {
    const int code = has_id ? kInvalidParams : kInvalidRequest;
    return broken(code, "params must be an object", std::move(frame.id));
  }
  frame.params = std::move(*params);
  return frame;
}

std::string line_of(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

json envelope() {
  json message = json::object();
  message["jsonrpc"] = "2.0";
  return message;
}

}  // namespace

Frame parse_frame(std::string_view line) {
  JsonLimits limits;
  limits.bytes = kLineBytes;
  limits.keys = 8192;
  Result<json> parsed = parse_strict_json(line, limits);
  if (!parsed) return broken(kParseError, parsed.error().message);
  json& message = parsed.value();
  if (message.is_array()) return broken(kInvalidRequest, "batches are not supported");
  if (!message.is_object()) return broken(kInvalidRequest, "a message is a JSON object");
  const auto id = message.find("id");
  const bool has_id = id != message.end();
  if (has_id && !is_id(*id)) return broken(kInvalidRequest, "id must be a string or an integer");
  json own = has_id ? *id : json(nullptr);
  if (message.contains("method")) return call_frame(message, std::move(own), has_id);
  if (!message.contains("result") && !message.contains("error")) {
    return broken(kInvalidRequest, "a request has a method", std::move(own));
  }
  Frame frame;
  frame.kind = Frame::Kind::response;
  frame.id = std::move(own);
  return frame;
}

std::string result_line(const json& id, json result) {
  json message = envelope();
  message["id"] = id;
  message["result"] = std::move(result);
  return line_of(message);
}

std::string error_line(const json& id, int code, const std::string& text, const json& data) {
  json message = envelope();
  message["id"] = id;
  message["error"]["code"] = code;
  message["error"]["message"] = text;
  if (!data.is_null()) message["error"]["data"] = data;
  return line_of(message);
}

std::string notification_line(const std::string& method, json params) {
  json message = envelope();
  message["method"] = method;
  message["params"] = std::move(params);
  return line_of(message);
}

}  // namespace fleet::mcp
