// The table of channels: one row each. Adding a channel is a folder p<n>_<name>/ and a row here.
// Used by the composition root, which hands the channels to delivery.
#pragma once

#include <memory>
#include <vector>

#include "channels/channel.h"
#include "io/clock.h"
#include "io/http_client.h"
#include "io/nats_connection.h"
#include "io/offload.h"

namespace fleet::channels {

// What channels may use of the machine. Everything outlives the channels.
struct ChannelPorts {
  io::Offload& pool;
  io::Clock& clock;
  io::HttpClient& http;
  io::NatsConnection* nats = nullptr;  // null: no NATS server is configured
};

// In priority order.
std::vector<std::unique_ptr<Channel>> make_channels(const ChannelPorts& ports);

}  // namespace fleet::channels
