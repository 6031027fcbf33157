#include "io/waiting.h"

#include <poll.h>

namespace fleet::io {

bool pause(Millis span) { return ::poll(nullptr, 0, static_cast<int>(span.count())) == 0; }

}  // namespace fleet::io
