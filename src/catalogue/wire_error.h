// A refusal as JSON, the same on every face: {"error":{"code","message","fields"?}}.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "fleet/base/result.h"

namespace fleet::catalogue {

nlohmann::json error_json(const Error& error);
// The way back, for whoever asked a daemon. `status` decides the Code where the name is narrower.
Error error_from_json(const nlohmann::json& body, int status);

}  // namespace fleet::catalogue
