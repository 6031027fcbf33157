// The few MCP prompts: what a person may start from a menu. They only say what to do with the
// tools; they read nothing and hold no peer's text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace fleet::mcp {

nlohmann::json prompt_list();
// Nothing for an unknown prompt or a missing argument; `problem` then says which.
std::optional<nlohmann::json> prompt_result(const nlohmann::json& params, std::string& problem);

}  // namespace fleet::mcp
