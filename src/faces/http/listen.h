// Places to listen: "127.0.0.1:8855", "[::1]:8855", a unix socket's path. Addresses are numbers, so
// that a listener never depends on a name service, and a wildcard is taken only on request. Used by
// Server.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::http {

using TcpAcceptor = asio::ip::tcp::acceptor;
using UnixAcceptor = asio::local::stream_protocol::acceptor;

Result<asio::ip::tcp::endpoint> parse_listen_address(std::string_view text, bool allow_wildcard);

// Code::unavailable where somebody listens there already.
Result<std::shared_ptr<TcpAcceptor>> open_tcp(Executor loop, const asio::ip::tcp::endpoint& at);

// Makes the folder 0700 and the socket 0600, and removes a socket that nobody listens on any more.
Result<std::shared_ptr<UnixAcceptor>> open_unix(Executor loop, const std::string& path);

}  // namespace fleet::http
