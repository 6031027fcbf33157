// A connection while it carries a stream: pieces go out as the handler's coroutine writes them, and
// the client's end is noticed at once. After a stream the connection closes.
#include <array>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "faces/http/connection.h"

namespace fleet::http {

bool Connection::take_stream_seat(Response& response) {
  if (hall_->counters.streams < hall_->limits.streams) return true;
  Error error =
      refuse(Code::limited, "all " + std::to_string(hall_->limits.streams) +
                                " streams are taken; close one, or ask without streaming");
  error.retry_after_s = 5;
  response = error_response(error);
  return false;
}

Task<void> Connection::run_stream(Response response) {
  enter(Phase::writing, hall_->limits.write_deadline);
  forget_body();
  Framing framing;
  framing.keep_alive = false;
  framing.chunked = chunked_stream_;
  out_.clear();
  append_head(out_, response, framing);
  if (!co_await send(out_)) co_return;
  served_ = true;
  enter_unlimited(Phase::streaming);
  ++hall_->counters.streams;
  asio::co_spawn(hall_->executor, watch(shared_from_this()), asio::detached);
  try {
    if (!gone_) co_await response.stream(*this);
  } catch (const std::exception&) {
    // Without its last chunk the client knows that the stream broke.
    if (!gone_) ++hall_->counters.faults;
    gone_ = true;
  }
  --hall_->counters.streams;
  when_gone_ = nullptr;
  if (gone_ || !chunked_stream_) co_return;
  enter(Phase::writing, hall_->limits.write_deadline);
  co_await send(kLastChunk);
}

Task<bool> Connection::write(std::string piece) {
  if (gone_) co_return false;
  if (piece.empty()) co_return true;
  const std::string framed = chunked_stream_ ? chunk(piece) : std::move(piece);
  enter(Phase::streaming, hall_->limits.write_deadline);
  const bool sent = co_await send(framed);
  enter_unlimited(Phase::streaming);
  if (!sent) lose();
  co_return !gone_;
}

void Connection::when_gone(std::function<void()> what) {
  when_gone_ = std::move(what);
  if (!gone_ || !when_gone_) return;
  asio::post(hall_->executor, [self = shared_from_this()] { self->lose(); });
}

// Notices the end of a client that only listens. What it sends is dropped, within bounds.
Task<void> Connection::watch(std::shared_ptr<Connection> self) {
  std::array<char, 512> scrap;
  const auto buffer = asio::buffer(scrap);
  std::error_code error;
  std::size_t read = 0;
  while (!error && read < self->hall_->limits.body_buffer) {
    read += co_await self->socket_.async_read_some(
        buffer, asio::redirect_error(asio::use_awaitable, error));
  }
  self->drop();
}

void Connection::lose() {
  gone_ = true;
  if (auto what = std::exchange(when_gone_, nullptr)) what();
}

}  // namespace fleet::http
