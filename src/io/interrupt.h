// Notices Ctrl-C, SIGTERM, a closed terminal and a closed pipe, so that a command of the foreground
// can put away what it started. The daemon does not use it: its signals come through the loop.
#pragma once

namespace fleet::io {

void catch_interrupts();
bool interrupted();

}  // namespace fleet::io
