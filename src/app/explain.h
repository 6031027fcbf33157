// `fleet-nerve explain ID`: the timeline of one message, as a person reads it.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "app/serve.h"
#include "faces/cli/cli.h"

namespace fleet::app {

// `message`: what fleet_message answers.
void print_timeline(std::ostream& out, const nlohmann::json& message);

int explain(const Start& start, const cli::Terminal& terminal, const cli::Values& values);

}  // namespace fleet::app
