// MCP resources: the reading operations that name one in their spec ("fleet://inbox",
// "fleet://message/{id}"). Reading a resource runs its operation; nothing is kept here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "catalogue/catalogue.h"

namespace fleet::mcp {

nlohmann::json resource_list(const catalogue::Catalogue& catalogue);           // without {names}
nlohmann::json resource_template_list(const catalogue::Catalogue& catalogue);  // with them

struct ResourceTarget {
  const catalogue::Operation* operation = nullptr;
  nlohmann::json args = nlohmann::json::object();
};
std::optional<ResourceTarget> find_resource(const catalogue::Catalogue& catalogue,
                                            const std::string& uri);
nlohmann::json resource_result(const std::string& uri, const nlohmann::json& reply);

}  // namespace fleet::mcp
