#include "channels/p1_nats/listener.h"

#include <utility>

#include "channels/p1_nats/subject.h"
#include "fleet/model/hop.h"

namespace fleet::channels {
namespace {

std::string answer(int status, std::string_view mac, std::string_view frame) {
  std::string data = std::to_string(status) + " ";
  data.append(mac).append(1, '\n').append(frame);
  return data;
}

}  // namespace

struct NatsListener::State : std::enable_shared_from_this<State> {
  io::NatsConnection* connection = nullptr;  // null once the listener is gone
  std::string inbox;
  Handler handler;
  NatsListenerLimits limits;
  std::size_t in_flight = 0;

  void receive(io::NatsMessage message);
  void hand_on(NodeId source, io::NatsMessage message, std::size_t line_end);
  void reply(const std::string& to, int status, std::string_view mac,
             std::string_view frame) const {
    if (connection != nullptr) connection->publish_soon(to, answer(status, mac, frame));
  }
};

namespace {

// A place among the frames in flight; given back also where nobody ever answers.
template <class State>
struct Place {
  explicit Place(std::shared_ptr<State> of) : state(std::move(of)) { ++state->in_flight; }
  ~Place() { --state->in_flight; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::shared_ptr<State> state;
  bool answered = false;
};

}  // namespace

void NatsListener::State::receive(io::NatsMessage message) {
  const auto source = nats_source(message.subject, inbox);
  // Without somebody who waits for the answer no receipt could go back.
  if (connection == nullptr || !source || message.reply.empty()) return;
  if (message.data.size() > limits.payload) return reply(message.reply, 413, "", "");
  if (in_flight >= limits.in_flight) return reply(message.reply, 429, "", "");
  const std::size_t end = message.data.find('\n');
  if (end == std::string::npos || end > kHopHeaderMaxBytes) {
    return reply(message.reply, 400, "", "");
  }
  hand_on(*source, std::move(message), end);
}

void NatsListener::State::hand_on(NodeId source, io::NatsMessage message, std::size_t line_end) {
  NatsFrame frame;
  frame.source = std::move(source);
  frame.subject = std::move(message.subject);
  frame.hop = message.data.substr(0, line_end);
  frame.body = message.data.substr(line_end + 1);
  auto place = std::make_shared<Place<State>>(shared_from_this());
  frame.respond = [place, to = std::move(message.reply)](int status, std::string_view mac,
                                                         std::string_view body) {
    if (!std::exchange(place->answered, true)) place->state->reply(to, status, mac, body);
  };
  handler(std::move(frame));
}

NatsListener::NatsListener(io::NatsConnection& connection, std::string fleet, NodeId self,
                           Handler handler, NatsListenerLimits limits)
    : state_(std::make_shared<State>()) {
  state_->connection = &connection;
  state_->inbox = nats_inbox(fleet, self);
  state_->handler = std::move(handler);
  state_->limits = limits;
  connection.subscribe(state_->inbox, [state = state_](io::NatsMessage message) {
    state->receive(std::move(message));
  });
}

NatsListener::~NatsListener() {
  state_->connection = nullptr;
  state_->handler = nullptr;
}

std::size_t NatsListener::in_flight() const { return state_->in_flight; }

}  // namespace fleet::channels
