// Who brings a frame over a live hop, both ways: seals for what this node sends, and the door for
// what arrives. The door has two steps, so that a stranger is turned away before his body is read:
// admit_head (form, destination, key, freshness) and admit_body (MAC, replay). Every refusal is the
// same 401. It authenticates hops, never messages. Loop thread only, but for the seals themselves.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "channels/channel.h"
#include "fleet/base/crypto.h"
#include "fleet/base/rng.h"
#include "fleet/core/replay_guard.h"
#include "fleet/model/hop.h"
#include "io/clock.h"
#include "services/trust/membership.h"

namespace fleet::trust {

inline constexpr std::string_view kNatsMethod = "NATS";  // then the target is the subject
inline constexpr Seconds kChallengeLife{60};

// What the MAC covers besides the body. For NATS: method "NATS", the subject, no content type.
struct HopFacts {
  std::string_view method{};
  std::string_view target{};
  std::string_view content_type{};
};

// A head that was let in; its body may be read and then decides.
struct Admission {
  HopHeader header{};
  NodeId claimed{};  // by its key id; proved only by admit_body
  bool challenged = false;
};

struct HopPeer {
  NodeId node{};
  std::uint64_t boot = 0;
  Millis skew{0};  // its clock minus ours
};

class Hops {
 public:
  struct Needs {
    const io::Clock& clock;
    const Crypto& crypto;
    const Membership& membership;
    Rng& rng;
  };
  explicit Hops(Needs needs);
  ~Hops();

  // Null where the peer is not in the roster, or its box key is unusable. The seal stays good on
  // any thread, whatever becomes of Hops, as long as the clock lives.
  std::shared_ptr<channels::HopSeal> seal(const NodeId& peer);

  // `from` is where it came from: the address without its port, or "nats:<source>".
  Result<Admission> admit_head(std::string_view authorization, std::string_view from) const;
  Result<HopPeer> admit_body(const Admission& head, const HopFacts& facts, std::string_view body);
  // The Fleet-Challenge of a 401 to this address: good for 60 s, nothing is kept for it.
  std::string challenge(std::string_view from) const;
  // Proves the answer to whoever sent the request; base64url. Empty where the peer is gone.
  std::string reply_mac(const Admission& head, int status, std::string_view body);

 private:
  struct Peer;
  Peer* peer(const NodeId& node);
  bool answers_challenge(std::string_view challenge, std::string_view from) const;
  std::string challenge_mac(std::string_view seconds, std::string_view from) const;

  Needs needs_;
  Stamp started_;
  std::uint64_t boot_id_;
  Secret boot_secret_;
  std::map<NodeId, std::unique_ptr<Peer>> peers_;
};

}  // namespace fleet::trust
