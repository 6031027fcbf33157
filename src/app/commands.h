// The commands that are no operation of a running node: starting one, making and joining a fleet,
// and what programs call. Everything else on the command line is the catalogue's.
#pragma once

#include "app/serve.h"
#include "faces/cli/cli.h"

namespace fleet::app {

void add_commands(cli::Cli& cli, const Start& start, const cli::Terminal& terminal);

}  // namespace fleet::app
