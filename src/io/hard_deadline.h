// Ends the process, silently and with status 0, when its time is up: for a hook, whose caller waits
// for it, whatever it hangs in. Not for anything that has something to lose.
#pragma once

#include "fleet/base/time.h"

namespace fleet::io {

void end_process_after(Millis span);
// It may finish after all.
void cancel_process_end();

}  // namespace fleet::io
