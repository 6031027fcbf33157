// `fleet-nerve demo`: three nodes of this program and a NATS server on loopback, as children in a
// folder of their own. Breaks what a person would fear for, shows what happens, and counts at the
// end what the inboxes hold. It claims nothing that it has not counted, and leaves nothing behind.
#pragma once

#include "app/serve.h"
#include "faces/cli/cli.h"

namespace fleet::app {

// The exit status: 0 where every accepted message is stored exactly once.
int demo(const Start& start, const cli::Terminal& terminal, const cli::Values& values);

}  // namespace fleet::app
