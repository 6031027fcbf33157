#include "wire/http.h"

#include <strings.h>

#include <asio/buffer.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <charconv>

namespace fleet::bench {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::size_t usual_message = 8192;

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2);
    if (line.size() < name.size() || strncasecmp(line.data(), name.data(), name.size()) != 0) {
      continue;
    }
    const auto digit = line.find_first_not_of(' ', name.size());
    std::size_t length = 0;
    if (digit != std::string_view::npos) {
      std::from_chars(line.data() + digit, line.data() + line.size(), length);
    }
    return length;
  }
  return 0;
}

std::string with_length(std::string head, std::string_view type, std::string_view body) {
  head.reserve(head.size() + type.size() + body.size() + 64);
  head.append("Content-Type: ").append(type);
  head.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return head.append(end_of_head).append(body);
}

}  // namespace

std::string request_bytes(std::string_view method, std::string_view target, std::string_view type,
                          std::string_view body) {
  std::string head(method);
  head.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  return with_length(std::move(head), type, body);
}

std::string response_bytes(std::string_view status, std::string_view type, std::string_view body) {
  std::string head("HTTP/1.1 ");
  head.append(status).append("\r\n");
  return with_length(std::move(head), type, body);
}

int status_of(const HttpMessage& response) {
  int status = 0;
  const std::string_view line = response.first_line;
  if (line.starts_with("HTTP/1.") && line.size() >= 12) {
    std::from_chars(line.data() + 9, line.data() + 12, status);
  }
  return status;
}

HttpConnection::HttpConnection(Socket socket) : socket_(std::move(socket)) {
  socket_.set_option(asio::ip::tcp::no_delay(true));
  buffer_.reserve(usual_message);
}

Task<HttpMessage> HttpConnection::read() {
  auto in = asio::dynamic_buffer(buffer_);
  const auto head = co_await asio::async_read_until(socket_, in, end_of_head, asio::use_awaitable);
  HttpMessage message;
  message.first_line = buffer_.substr(0, buffer_.find("\r\n"));
  const auto total = head + content_length(std::string_view(buffer_).substr(0, head));
  if (buffer_.size() < total) {
    const auto missing = asio::transfer_exactly(total - buffer_.size());
    co_await asio::async_read(socket_, in, missing, asio::use_awaitable);
  }
  message.body = buffer_.substr(head, total - head);
  buffer_.erase(0, total);
  co_return message;
}

Task<void> HttpConnection::write(std::string bytes) {
  const auto out = asio::buffer(bytes);
  co_await asio::async_write(socket_, out, asio::use_awaitable);
}

HttpPool::HttpPool(asio::any_io_executor executor, asio::ip::tcp::endpoint peer)
    : executor_(std::move(executor)), peer_(std::move(peer)) {}

Task<std::unique_ptr<HttpConnection>> HttpPool::acquire() {
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    co_return connection;
  }
  Socket socket(executor_);
  co_await socket.async_connect(peer_, asio::use_awaitable);
  co_return std::make_unique<HttpConnection>(std::move(socket));
}

Task<HttpMessage> HttpPool::exchange(std::string request) {
  auto connection = co_await acquire();
  co_await connection->write(std::move(request));
  auto response = co_await connection->read();
  idle_.push_back(std::move(connection));
  co_return response;
}

}  // namespace fleet::bench
