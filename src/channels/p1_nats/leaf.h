// P1: request–reply over NATS. The reply is the peer's own answer; a publish is never success.
#pragma once

#include "channels/leaf.h"
#include "io/nats_connection.h"

namespace fleet::channels {

class NatsLeaf final : public Leaf {
 public:
  explicit NatsLeaf(io::NatsConnection* connection) : connection_(connection) {}  // may be null

  ChannelId id() const override { return ChannelId::nats; }
  Readiness ready(const PeerRoute& route) const override;
  std::size_t max_frame_bytes() const override;
  SendOutcome send(const std::string& frame, const PeerRoute& route, Millis budget) override;

 private:
  io::NatsConnection* connection_;
};

}  // namespace fleet::channels
