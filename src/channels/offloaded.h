// Makes a Channel of a Leaf: runs it on the pool in the channel's own lane and races it with the
// deadline. Time spent waiting for a pool thread is never charged to the channel. It knows no
// transport. Made by registry.cpp.
#pragma once

#include <memory>
#include <string>

#include "channels/channel.h"
#include "channels/leaf.h"
#include "io/clock.h"
#include "io/offload.h"

namespace fleet::channels {

// How long after its deadline a leaf may still hand in its outcome (spec: house, trunk).
inline constexpr Millis kLeafGrace{1'000};

class Offloaded final : public Channel {
 public:
  // Pool and clock outlive every coroutine in send().
  Offloaded(std::shared_ptr<Leaf> leaf, io::Offload& pool, io::Clock& clock);

  ChannelId id() const override { return leaf_->id(); }
  Readiness ready(const PeerRoute& route) const override { return leaf_->ready(route); }
  std::size_t max_frame_bytes() const override { return leaf_->max_frame_bytes(); }
  Task<SendOutcome> send(std::string frame, PeerRoute route, Deadline deadline) override;

 private:
  std::shared_ptr<Leaf> leaf_;  // shared with leaves that are late
  io::Offload& pool_;
  io::Clock& clock_;
};

}  // namespace fleet::channels
