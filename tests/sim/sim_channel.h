// A road of a simulated node: hands frames to the network and waits, no longer than the deadline.
#pragma once

#include <asio/async_result.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <string>
#include <utility>

#include "channels/channel.h"
#include "sim/sim_node.h"

namespace fleet::sim {

class SimChannel final : public channels::Channel {
 public:
  SimChannel(ChannelId id, SimNode& node) : id_(id), node_(node) {}

  ChannelId id() const override { return id_; }
  channels::Readiness ready(const channels::PeerRoute& route) const override {
    return {!route.addresses.empty(), "no address"};
  }
  Task<channels::SendOutcome> send(std::string frame, channels::PeerRoute route,
                                   Deadline deadline) override {
    using Token = asio::use_awaitable_t<>;
    auto start = [this, deadline](auto handler, NodeId to, std::string bytes) {
      auto held = std::make_shared<decltype(handler)>(std::move(handler));
      node_.call(to, id_, std::move(bytes), deadline,
                 [held](channels::SendOutcome outcome) { std::move (*held)(std::move(outcome)); });
    };
    return asio::async_initiate<const Token, void(channels::SendOutcome)>(
        std::move(start), asio::use_awaitable, std::move(route.peer), std::move(frame));
  }

 private:
  ChannelId id_;
  SimNode& node_;
};

}  // namespace fleet::sim
