// Frame: one line of JSON-RPC 2.0, told apart and checked, and the lines that answer. Pure: no
// loop, no catalogue; the fuzzer feeds it any bytes. A broken line is a Frame too, with the error
// to send.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fleet::mcp {

inline constexpr std::size_t kLineBytes = 1024 * 1024;  // spec: security §10

// JSON-RPC's own codes, and those of MCP.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kResourceNotFound = -32002;    // until 2025-11-25; kInvalidParams since
inline constexpr int kUnsupportedVersion = -32022;  // since 2026-07-28

struct Frame {
  enum class Kind { request, notification, response, broken };
  Kind kind = Kind::broken;
  nlohmann::json id{};  // a string or an integer; null where there is none
  std::string method{};
  nlohmann::json params = nlohmann::json::object();  // always an object
  int error = 0;                                     // broken only
  std::string problem{};
};

Frame parse_frame(std::string_view line);

// Each is one line without its line feed.
std::string result_line(const nlohmann::json& id, nlohmann::json result);
std::string error_line(const nlohmann::json& id, int code, const std::string& message,
                       const nlohmann::json& data = nullptr);
std::string notification_line(const std::string& method, nlohmann::json params);

}  // namespace fleet::mcp
