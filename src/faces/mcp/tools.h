// The catalogue as MCP tools. Everything but trust operations is a tool; names and descriptions
// come from the specs only, so that no peer's text ever stands in them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "catalogue/catalogue.h"

namespace fleet::mcp {

// {"tools":[…]} in the order of the catalogue.
nlohmann::json tool_list(const catalogue::Catalogue& catalogue);
// Null for an unknown name and for what is no tool.
const catalogue::Operation* find_tool(const catalogue::Catalogue& catalogue, std::string_view name);
// structuredContent and the same facts as text: some clients show the model only the one, some only
// the other. A refusal is a result too (isError, as text), so that the model can read it.
nlohmann::json tool_result(const catalogue::Reply& reply);

}  // namespace fleet::mcp
