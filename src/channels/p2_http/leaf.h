// P2: POST /frame straight to the peer, on whichever of its addresses answers first.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "channels/leaf.h"
#include "io/http_client.h"

namespace fleet::channels {

class HttpLeaf final : public Leaf {
 public:
  explicit HttpLeaf(io::HttpClient& client) : client_(client) {}

  ChannelId id() const override { return ChannelId::http; }
  Readiness ready(const PeerRoute& route) const override;
  std::size_t max_frame_bytes() const override { return 2 * 1024 * 1024; }
  SendOutcome send(const std::string& frame, const PeerRoute& route, Millis budget) override;

 private:
  std::vector<std::string> best_first(const PeerRoute& route) const;
  void remember(const NodeId& peer, const std::string& address);

  io::HttpClient& client_;
  mutable std::mutex mutex_;  // guards best_
  std::unordered_map<NodeId, std::string> best_;
};

}  // namespace fleet::channels
