// Ports of loopback that nobody listens on at the moment, each free for TCP and for UDP. Somebody
// else may take one before its user does: for demonstrations and tests, not for a daemon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fleet/base/result.h"

namespace fleet::io {

Result<std::vector<std::uint16_t>> free_ports(std::size_t count);

}  // namespace fleet::io
