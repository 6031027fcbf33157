// Who may use the node without ceremony: curl of the same user, from this machine, and no web page
// but our own. One pure function over one request; spec: security §4. Used by Connection for the
// local listeners, before any handler.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "faces/http/request.h"

namespace fleet::http {

// Lets in a client that runs as another user, and changes that come from our own page.
inline constexpr std::string_view kLocalTokenHeader = "x-fleet-token";

// Nothing to object to: nullopt. `token` is the node's local token; empty matches nothing.
std::optional<Refusal> local_refusal(const Request& request, std::string_view token);

// The same for what comes by the unix socket, which no browser reaches and the kernel vouches for.
std::optional<Refusal> unix_refusal(const Request& request);

bool is_loopback(std::string_view address);

}  // namespace fleet::http
