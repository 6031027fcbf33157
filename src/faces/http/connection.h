// One client's connection: reads a request, asks the rules and the handler, answers, and again. One
// coroutine, one deadline; the hall's sweep closes the socket when the deadline passes, and the
// coroutine ends at its next step. It decides nothing about requests itself.
#pragma once

#include <asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "faces/http/hall.h"
#include "faces/http/parser.h"
#include "faces/http/seats.h"

namespace fleet::http {

using Socket = asio::generic::stream_protocol::socket;

// Where a connection comes from; fixed at accept.
struct Origin {
  Entry entry = Entry::remote;
  std::string address;  // "unix" for the unix socket
  std::string address_key;
  std::uint16_t port = 0;
  std::uint16_t local_port = 0;
  bool same_uid = false;
};

class Connection final : public StreamWriter, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Hall> hall, Socket socket, Origin origin);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Holds itself until it ends.
  static Task<void> serve(std::shared_ptr<Connection> self);

  // For the hall.
  Seat seat() const;
  Tick deadline() const { return deadline_; }
  Entry entry() const { return origin_.entry; }
  void expire();
  void finish();
  void drop();

  // StreamWriter, for the handler's stream.
  Task<bool> write(std::string piece) override;
  bool gone() const override { return gone_; }
  void when_gone(std::function<void()> what) override;

 private:
  enum class Phase { waiting, head, body, handling, writing, streaming, lingering };

  Task<bool> exchange();
  Task<bool> read_head();
  Task<bool> read_body();
  Task<bool> fill();
  Task<Response> ask_handler();
  Task<bool> answer(Response response);
  Task<bool> answer_early(Response response);
  Task<bool> send(std::string_view bytes);  // of a member or of the caller's frame
  Task<void> turn_away(Refusal refusal);
  Task<void> run_stream(Response response);
  Task<void> linger();
  static Task<void> watch(std::shared_ptr<Connection> self);

  void enter(Phase phase, Micros allowed);
  void enter_unlimited(Phase phase);
  Micros time_for(std::size_t bytes) const;
  void describe_peer();
  std::optional<Response> objection();
  bool account_body();
  void forget_body();
  bool take_stream_seat(Response& response);
  void lose();
  void close();

  std::shared_ptr<Hall> hall_;
  Socket socket_;
  Origin origin_;
  RequestParser parser_;
  Request request_;
  std::string out_;
  Phase phase_ = Phase::waiting;
  Tick since_;
  Tick deadline_;
  std::size_t accounted_ = 0;  // bytes of our body within the hall's budget
  bool served_ = false;
  bool last_ = false;  // no further request on this connection
  bool head_only_ = false;
  bool chunked_stream_ = true;
  bool gone_ = false;
  std::function<void()> when_gone_;
};

}  // namespace fleet::http
