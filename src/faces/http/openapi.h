// The catalogue as an OpenAPI 3.1 document: another rendering, nothing of its own.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "catalogue/catalogue.h"
#include "faces/http/response.h"

namespace fleet::http {

nlohmann::json openapi_document(const catalogue::Catalogue& catalogue);
Task<Response> openapi_page(std::string document);

}  // namespace fleet::http
