// What the author of a channel writes: a plain blocking function that obeys its deadline. The
// adapter in offloaded.h runs it on the pool and races it with the clock.
#pragma once

#include "channels/channel.h"

namespace fleet::channels {

class Leaf {
 public:
  virtual ~Leaf() = default;
  virtual ChannelId id() const = 0;
  virtual Readiness ready(const PeerRoute& route) const = 0;
  virtual std::size_t max_frame_bytes() const { return 1'000'000; }
  // Called on pool threads, by several at once; `budget` is what is left of the deadline.
  virtual SendOutcome send(const std::string& frame, const PeerRoute& route, Millis budget) = 0;
};

}  // namespace fleet::channels
