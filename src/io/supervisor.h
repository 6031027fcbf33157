// What a service manager is told: systemd's READY=1 and STOPPING=1, and nothing where there is
// none.
#pragma once

#include <string>

namespace fleet::io {

// `socket` is $NOTIFY_SOCKET; empty: nobody listens.
void notify_supervisor(const std::string& socket, const std::string& state);

}  // namespace fleet::io
