// How bytes reach a peer: the port that delivery drives. A channel carries a frame (one envelope a
// line) and brings back the frame that answers it; it decides nothing and adds no authority.
// (spec: delivery §4)
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/model/channel_id.h"
#include "fleet/model/ids.h"
#include "fleet/model/outcome.h"
#include "io/task.h"

namespace fleet::channels {

// Authenticates one hop between this node and one peer. Thread-safe: leaves call it on the pool.
class HopSeal {
 public:
  virtual ~HopSeal() = default;
  // The FleetV1 line for a request; `challenge` is the peer's, from its 401, or empty.
  virtual std::string sign(std::string_view method, std::string_view target,
                           std::string_view content_type, std::string_view body,
                           std::string_view challenge) = 0;
  // True where `reply_mac` proves that the peer answered this request with this status and body.
  virtual bool proves(std::string_view request_line, int status, std::string_view body,
                      std::string_view reply_mac) const = 0;
};

// Where a peer is on one channel, best address first.
struct PeerRoute {
  NodeId self{};
  NodeId peer{};
  std::string fleet{};
  std::vector<std::string> addresses{};  // "192.168.1.4:8855"; empty where the channel has none
  std::shared_ptr<HopSeal> hop{};
};

// What came of one attempt. `reply` is the answering frame, empty where none came; `proved` says
// that the peer itself answered (its MAC fits), which a probe needs and a verdict must have.
struct SendOutcome {
  Outcome outcome{};
  std::string reply{};
  bool proved = false;
  std::string address{};  // that worked, or the last one tried
  Micros queued{0};       // waited for a pool thread: no part of the round trip
};

// Empty reason: ready. Else why not, with the remedy ("no http address for mac2 …").
struct Readiness {
  bool ready = true;
  std::string reason{};
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual ChannelId id() const = 0;
  virtual Readiness ready(const PeerRoute& route) const = 0;
  // The longest frame of one attempt; longer ones are split by whoever builds them. Never less than
  // one envelope (512 KiB).
  virtual std::size_t max_frame_bytes() const { return 1'000'000; }
  // Returns by the deadline, whatever the network does; at the latest a second after it. An empty
  // frame is a probe. Back-pressure also where no pool thread was free: nothing was tried then.
  virtual Task<SendOutcome> send(std::string frame, PeerRoute route, Deadline deadline) = 0;
};

}  // namespace fleet::channels
