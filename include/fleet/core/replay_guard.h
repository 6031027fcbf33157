// Freshness of live hops and heartbeats of one peer: each (boot id, counter) once, inside a window
// of 1,024 counters and ±300 s (security §2). One guard per peer and kind of hop. It judges frames
// whose signature or MAC was verified; it verifies nothing itself.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

#include "fleet/base/time.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

enum class Freshness {
  fresh,
  replayed,   // this counter was seen
  stale,      // too far below the highest counter to tell
  skewed,     // its time is not ours: answered with a challenge
  past_boot,  // a boot id that is not the current one, and no later time to prove a restart
};

struct FrameStamp {
  std::uint64_t boot = 0;
  std::uint64_t counter = 0;
  Stamp ts{};
  bool challenged = false;  // it answers our own fresh challenge: its clock does not matter
};

class ReplayGuard {
 public:
  ReplayGuard() = default;
  // After a start of our own only the highest time is known.
  explicit ReplayGuard(Stamp highest) : highest_(highest) {}

  // Judges and, where fresh, remembers.
  Freshness admit(const FrameStamp& frame, Stamp now);
  Stamp highest() const { return highest_; }

 private:
  Freshness admit_counter(std::uint64_t counter);
  void restart(std::uint64_t boot);

  bool known_ = false;
  std::uint64_t boot_ = 0;
  std::uint64_t top_ = 0;              // highest counter seen
  std::bitset<kReplayWindow> seen_{};  // bit i: top_ - i
  Stamp highest_{};
};

std::string_view to_string(Freshness freshness);

}  // namespace fleet::core
