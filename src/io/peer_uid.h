// Whether the process at the other end of a connection on this machine runs as our user: by the
// kernel's word for a unix socket, by its table of TCP sockets for loopback. It reads nothing that
// the client says. Used by the HTTP server's local listeners.
#pragma once

#include <iosfwd>
#include <optional>
#include <string_view>

namespace fleet::io {

// `socket` is the accepted end of a unix or a loopback TCP connection. False also where the kernel
// gives no answer, and where the client has closed already: its socket belongs to nobody then.
bool peer_has_our_uid(int socket);

// The owner of the socket with these ends ("0100007F:D431 0100007F:2297") in a table as Linux
// prints it in /proc/net/tcp; nullopt where no process holds it. For kernels that answer no socket
// queries.
std::optional<unsigned> owner_in_table(std::istream& table, std::string_view ends);

}  // namespace fleet::io
