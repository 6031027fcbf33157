// The receiving end of P1: subscribes to what is addressed to this node and hands each frame to the
// program, with a way to answer. It authenticates nothing and reads no envelope. Loop thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fleet/model/ids.h"
#include "io/nats_connection.h"

namespace fleet::channels {

struct NatsFrame {
  NodeId source{};        // by the subject: must equal the hop's and the envelopes' sender
  std::string subject{};  // what the hop's MAC covers
  std::string hop{};      // the FleetV1 line, unchecked
  std::string body{};
  // Once, from the loop; `mac` proves the answer to the sender, empty where it cannot be made.
  std::function<void(int status, std::string_view mac, std::string_view frame)> respond{};
};

struct NatsListenerLimits {
  std::size_t in_flight = 64;                    // above: 429
  std::size_t payload = 2 * 1024 * 1024 + 1024;  // bytes, with the hop line; above: 413
};

class NatsListener {
 public:
  using Handler = std::function<void(NatsFrame)>;

  // The connection outlives the listener. The subscription stays until the connection stops; after
  // the listener's end it hands on nothing.
  NatsListener(io::NatsConnection& connection, std::string fleet, NodeId self, Handler handler,
               NatsListenerLimits limits = {});
  ~NatsListener();
  NatsListener(const NatsListener&) = delete;
  NatsListener& operator=(const NatsListener&) = delete;

  std::size_t in_flight() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fleet::channels
