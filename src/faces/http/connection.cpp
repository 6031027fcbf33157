#include "faces/http/connection.h"

#include <array>
#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <exception>
#include <utility>

#include "faces/http/local_rules.h"

namespace fleet::http {
namespace {

constexpr Tick kNever{INT64_MAX};
// Up to here a body is copied behind its head, so that one system call sends both.
constexpr std::size_t kOneBuffer = 16 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Guest guest_of(const Origin& origin) {
  if (origin.entry == Entry::remote || origin.entry == Entry::relay) return Guest::remote;
  return origin.same_uid ? Guest::owner : Guest::stranger;
}

Refusal fault() {
  return {500, refuse(Code::unavailable, "internal",
                      "the node failed at this request; its log says more")};
}

Error busy_error(std::string message) {
  Error error = refuse(Code::unavailable, std::move(message));
  error.retry_after_s = 1;
  return error;
}

}  // namespace

Connection::Connection(std::shared_ptr<Hall> hall, Socket socket, Origin origin)
    : hall_(std::move(hall)),
      socket_(std::move(socket)),
      origin_(std::move(origin)),
      parser_(hall_->limits),
      since_(hall_->clock.now()),
      deadline_(since_ + hall_->limits.head_deadline) {}

Connection::~Connection() {
  forget_body();
  hall_->leave(*this);
}

Task<void> Connection::serve(std::shared_ptr<Connection> self) {
  try {
    while (co_await self->exchange()) {
    }
  } catch (const std::exception&) {
    ++self->hall_->counters.faults;
  }
  self->lose();
  self->close();
}

// --- one request -----------------------------------------------------------------------------

Task<bool> Connection::exchange() {
  if (!co_await read_head()) co_return false;
  if (auto early = objection()) co_return co_await answer_early(std::move(*early));
  if (parser_.has_body() && !co_await read_body()) co_return false;
  enter_unlimited(Phase::handling);
  Response response = co_await ask_handler();
  if (response.stream && !head_only_ && take_stream_seat(response)) {
    co_await run_stream(std::move(response));
    co_return false;
  }
  co_return co_await answer(std::move(response));
}

Task<bool> Connection::read_head() {
  while (true) {
    const auto step = parser_.head(request_);
    if (step == RequestParser::Step::ready) break;
    if (step == RequestParser::Step::refused) {
      ++hall_->counters.refused;
      co_await turn_away(parser_.refusal());
      co_return false;
    }
    if (phase_ == Phase::waiting && parser_.buffered() > 0) {
      // The first request's deadline runs from the accept.
      if (served_) enter(Phase::head, hall_->limits.head_deadline);
      phase_ = Phase::head;
    }
    if (!co_await fill()) co_return false;
  }
  describe_peer();
  co_return true;
}

Task<bool> Connection::read_body() {
  enter(Phase::body, hall_->limits.body_deadline);
  const bool waits = parser_.expects_continue() && !request_.http_1_0 && parser_.buffered() == 0;
  if (waits && !co_await send(kContinue)) co_return false;
  while (true) {
    const auto step = parser_.body(request_.body);
    const bool fits = account_body();
    if (step == RequestParser::Step::ready && fits) co_return true;
    if (step == RequestParser::Step::refused || !fits) {
      ++hall_->counters.refused;
      Refusal refusal =
          fits ? parser_.refusal() : Refusal{503, busy_error("too many large requests")};
      co_await turn_away(std::move(refusal));
      co_return false;
    }
    if (!co_await fill()) co_return false;
  }
}

Task<bool> Connection::fill() {
  const auto room = parser_.room();
  const auto buffer = asio::buffer(room.data(), room.size());
  std::error_code error;
  const std::size_t bytes =
      co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  if (error || gone_) co_return false;
  parser_.filled(bytes);
  co_return true;
}

Task<Response> Connection::ask_handler() {
  ++hall_->counters.requests;
  try {
    co_return co_await hall_->handler.handle(std::move(request_));
  } catch (const std::exception&) {
    ++hall_->counters.faults;
  }
  co_return refusal_response(fault());
}

void Connection::describe_peer() {
  request_.entry = origin_.entry;
  request_.peer_address = origin_.address;
  request_.peer_port = origin_.port;
  request_.local_port = origin_.local_port;
  request_.same_uid = origin_.same_uid;
  request_.body.clear();
  head_only_ = request_.head_only;
  chunked_stream_ = !request_.http_1_0;
  last_ = !parser_.keep_alive() || request_.http_1_0 || hall_->stopping;
}

std::optional<Response> Connection::objection() {
  std::optional<Refusal> refusal;
  if (origin_.entry == Entry::local) refusal = local_refusal(request_, hall_->local_token);
  if (origin_.entry == Entry::unix_socket) refusal = unix_refusal(request_);
  std::optional<Response> early;
  try {
    early = refusal ? refusal_response(*refusal) : hall_->handler.admit(request_);
  } catch (const std::exception&) {
    ++hall_->counters.faults;
    early = refusal_response(fault());
  }
  if (early) ++hall_->counters.refused;
  return early;
}

// --- the answer ------------------------------------------------------------------------------

Task<bool> Connection::answer(Response response) {
  enter(Phase::writing, time_for(response.body.size()));
  last_ = last_ || response.close || hall_->stopping;
  Framing framing;
  framing.keep_alive = !last_;
  framing.head_only = head_only_;
  out_.clear();
  append_head(out_, response, framing);
  const bool with_body = !head_only_ && !has_no_body(response.status);
  const bool apart = response.body.size() > kOneBuffer;
  if (with_body && !apart) out_ += response.body;
  if (!co_await send(out_)) co_return false;
  if (with_body && apart && !co_await send(response.body)) co_return false;
  forget_body();
  served_ = true;
  if (last_) {
    if (parser_.buffered() > 0) co_await linger();
    co_return false;
  }
  parser_.next();
  enter(Phase::waiting, hall_->limits.idle_deadline);
  co_return true;
}

// The request's body is still on its way. Where all of it has come already it is skipped, and the
// connection lives on; else nobody reads it, and the connection ends with this answer.
Task<bool> Connection::answer_early(Response response) {
  std::string skipped;
  const bool whole = parser_.body(skipped) == RequestParser::Step::ready;
  if (whole) co_return co_await answer(std::move(response));
  response.close = true;
  co_await answer(std::move(response));
  co_await linger();
  co_return false;
}

Task<void> Connection::turn_away(Refusal refusal) {
  Response response = refusal_response(refusal);
  response.close = true;
  co_await answer(std::move(response));
  co_await linger();
}

Task<bool> Connection::send(std::string_view bytes) {
  std::error_code error;
  // Most answers fit the socket's buffer: no turn of the loop for them.
  const std::size_t sent = socket_.send(asio::buffer(bytes.data(), bytes.size()), 0, error);
  if (!error && sent == bytes.size()) co_return true;
  if (error && error != asio::error::would_block && error != asio::error::try_again)
    co_return false;
  bytes.remove_prefix(error ? 0 : sent);
  const auto rest = asio::buffer(bytes.data(), bytes.size());
  error.clear();
  co_await asio::async_write(socket_, rest, asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

// A close with unread input resets the connection, and the client would lose the answer.
Task<void> Connection::linger() {
  if (!socket_.is_open() || phase_ == Phase::lingering) co_return;
  enter(Phase::lingering, hall_->limits.linger_deadline);
  std::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  std::array<char, 16 * 1024> scrap;
  const auto buffer = asio::buffer(scrap);
  std::size_t read = 0;
  while (!error && read < hall_->limits.linger_bytes) {
    read +=
        co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  }
}

// --- for the hall ----------------------------------------------------------------------------

Seat Connection::seat() const {
  Seat seat;
  seat.guest = guest_of(origin_);
  seat.address_key = origin_.address_key;
  seat.idle = phase_ == Phase::waiting || phase_ == Phase::head || phase_ == Phase::lingering;
  seat.served = served_;
  seat.since = since_;
  return seat;
}

void Connection::expire() {
  ++hall_->counters.timed_out;
  if (phase_ == Phase::head || phase_ == Phase::body) {
    Response response = refusal_response(
        {408, refuse(Code::timed_out, "the request did not arrive in time; send it again")});
    Framing framing;
    framing.keep_alive = false;
    out_.clear();
    append_head(out_, response, framing);
    out_ += response.body;
    std::error_code ignored;
    socket_.send(asio::buffer(out_), 0, ignored);  // if it fits at once; nobody waits for it
  }
  drop();
}

void Connection::finish() {
  const bool between = phase_ == Phase::waiting && parser_.buffered() == 0;
  if (between || phase_ == Phase::streaming) drop();
  last_ = true;
}

void Connection::drop() {
  close();
  lose();
}

void Connection::close() {
  std::error_code ignored;
  if (!socket_.is_open()) return;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::enter(Phase phase, Micros allowed) {
  phase_ = phase;
  since_ = hall_->clock.now();
  deadline_ = since_ + allowed;
}

Micros Connection::time_for(std::size_t bytes) const {
  const Seconds extra{static_cast<std::int64_t>(bytes / hall_->limits.slowest_reader)};
  return hall_->limits.write_deadline + extra;
}

void Connection::enter_unlimited(Phase phase) {
  phase_ = phase;
  deadline_ = kNever;
}

bool Connection::account_body() {
  hall_->counters.body_bytes += request_.body.size() - accounted_;
  accounted_ = request_.body.size();
  return hall_->counters.body_bytes <= hall_->limits.bodies_in_flight;
}

void Connection::forget_body() { hall_->counters.body_bytes -= std::exchange(accounted_, 0); }

}  // namespace fleet::http
