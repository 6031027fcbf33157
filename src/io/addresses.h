// The addresses of this machine's own interfaces, as others could reach them.
#pragma once

#include <string>
#include <vector>

namespace fleet::io {

// Numeric, IPv4 first, without loopback and link-local ones; "192.168.1.5", "[fd7a::1]".
std::vector<std::string> own_addresses();

}  // namespace fleet::io
