// HTTP/1.1 by hand, just enough for two programs that know each other: a first line,
// Content-Length, a body, keep-alive. Refuses to be a server for strangers: no chunks, no limits,
// no deadlines. The floor program and the load driver use it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fleet::bench {

template <class T = void>
using Task = asio::awaitable<T>;
using Socket = asio::ip::tcp::socket;

struct HttpMessage {
  std::string first_line;  // "POST /message HTTP/1.1" or "HTTP/1.1 200 OK"
  std::string body;
};

std::string request_bytes(std::string_view method, std::string_view target, std::string_view type,
                          std::string_view body);
std::string response_bytes(std::string_view status, std::string_view type, std::string_view body);
int status_of(const HttpMessage& response);  // 0 where the first line is no status line

// One keep-alive connection. `buffer_` holds what was read past the last message.
class HttpConnection {
 public:
  explicit HttpConnection(Socket socket);
  Task<HttpMessage> read();  // throws asio::system_error at the end of the stream
  Task<void> write(std::string bytes);

 private:
  Socket socket_;
  std::string buffer_;
};

// Keep-alive connections to one address; grows to as many as are in use at once.
class HttpPool {
 public:
  HttpPool(asio::any_io_executor executor, asio::ip::tcp::endpoint peer);
  Task<HttpMessage> exchange(std::string request);

 private:
  Task<std::unique_ptr<HttpConnection>> acquire();

  asio::any_io_executor executor_;
  asio::ip::tcp::endpoint peer_;
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

}  // namespace fleet::bench
