#include "channels/registry.h"

#include <array>

#include "channels/offloaded.h"
#include "channels/p1_nats/leaf.h"
#include "channels/p2_http/leaf.h"

namespace fleet::channels {
namespace {

using MakeLeaf = std::shared_ptr<Leaf> (*)(const ChannelPorts& ports);

constexpr std::array<MakeLeaf, 2> kRows{
    [](const ChannelPorts& ports) -> std::shared_ptr<Leaf> {
      return std::make_shared<NatsLeaf>(ports.nats);
    },
    [](const ChannelPorts& ports) -> std::shared_ptr<Leaf> {
      return std::make_shared<HttpLeaf>(ports.http);
    },
};

}  // namespace

std::vector<std::unique_ptr<Channel>> make_channels(const ChannelPorts& ports) {
  std::vector<std::unique_ptr<Channel>> channels;
  for (const MakeLeaf make : kRows) {
    channels.push_back(std::make_unique<Offloaded>(make(ports), ports.pool, ports.clock));
  }
  return channels;
}

}  // namespace fleet::channels
