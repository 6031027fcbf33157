// `fleet-nerve explain ID`: the timeline of one message, as a person reads it.
#pragma once

#include "app/serve.h"
#include "faces/cli/cli.h"

namespace fleet::app {

int explain(const Start& start, const cli::Terminal& terminal, const cli::Values& values);

}  // namespace fleet::app
