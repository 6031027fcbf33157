#include "faces/mcp/stdio.h"

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <csignal>
#include <utility>

namespace fleet::mcp {
namespace {

constexpr auto kQuietly = asio::experimental::as_tuple(asio::use_awaitable);

Server::Needs server_needs(const Stdio::Needs& needs, LineWriter& out) {
  return {needs.catalogue, needs.dispatcher, needs.clock, out};
}

// asio reads without blocking, and that mark belongs to the open file, which a shell may share.
void hand_back(asio::posix::stream_descriptor& descriptor) {
  asio::error_code ignored;
  if (descriptor.is_open()) descriptor.native_non_blocking(false, ignored);
  descriptor.close(ignored);
}

bool is_blank(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\r'; });
}

}  // namespace

Stdio::Stdio(Executor executor, int in, int out, Needs needs, catalogue::Caller caller,
             std::string instructions)
    : executor_(executor),
      in_(executor, in),
      out_(executor, out),
      signals_(executor),
      clock_(needs.clock),
      server_(server_needs(needs, *this), std::move(caller), std::move(instructions)) {}

Task<void> Stdio::run() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  on_signal();
  co_await read_lines();
  co_await drain();
  signals_.cancel();
  hand_back(in_);
  hand_back(out_);
}

void Stdio::on_signal() {
  signals_.async_wait([this](const asio::error_code& error, int) {
    if (!error) stop();
  });
}

void Stdio::stop() { hand_back(in_); }

Task<void> Stdio::read_lines() {
  LineBuffer buffer;
  std::array<char, 16 * 1024> chunk{};
  while (in_.is_open() && !broken_) {
    auto space = asio::buffer(chunk);
    const auto [error, size] = co_await in_.async_read_some(space, kQuietly);
    if (error) break;
    buffer.append(std::string_view(chunk.data(), size));
    take_lines(buffer);
    // A client that does not read its answers is not read from either.
    while (queued_bytes_ > kQueuedBytes && !broken_) co_await flushed_.wait();
  }
  // The last line may lack its line feed.
  buffer.append("\n");
  take_lines(buffer);
}

void Stdio::take_lines(LineBuffer& buffer) {
  std::string line;
  for (auto next = buffer.next(line); next != LineBuffer::Next::none; next = buffer.next(line)) {
    if (next == LineBuffer::Next::too_long) {
      server_.refuse_long_line();
    } else if (!is_blank(line)) {
      asio::co_spawn(executor_, server_.receive(std::exchange(line, {})), asio::detached);
    }
  }
}

// What is under way may still answer, for a while; then the queue goes out.
Task<void> Stdio::drain() {
  const Tick end = clock_.now() + Micros(kGrace);
  bool waiting = true;
  co_await asio::post(executor_, asio::use_awaitable);
  while (waiting && server_.calls_under_way() > 0) {
    waiting = co_await server_.call_ended().wait_until(clock_, end);
  }
  waiting = true;
  while (waiting && flushing_ && !broken_) waiting = co_await flushed_.wait_until(clock_, end);
}

void Stdio::write(std::string line) {
  if (broken_) return;
  line += '\n';
  queued_bytes_ += line.size();
  queue_.push_back(std::move(line));
  if (flushing_) return;
  flushing_ = true;
  asio::co_spawn(executor_, flush(), asio::detached);
}

Task<void> Stdio::flush() {
  while (!queue_.empty() && !broken_) {
    const std::string line = std::move(queue_.front());
    queue_.pop_front();
    auto bytes = asio::buffer(line);
    const auto [error, size] = co_await asio::async_write(out_, bytes, kQuietly);
    queued_bytes_ -= line.size();
    if (error) broken_ = true;
    flushed_.notify();
  }
  flushing_ = false;
  if (broken_) stop();
  flushed_.notify();
}

}  // namespace fleet::mcp
