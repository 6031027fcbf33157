// A pause of a command line between two questions to the daemon; nothing on the loop waits here.
#pragma once

#include "fleet/base/time.h"

namespace fleet::io {

// False where a signal ended it.
bool pause(Millis span);

}  // namespace fleet::io
