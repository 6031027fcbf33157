#include "fleet/core/replay_guard.h"

#include <algorithm>
#include <array>

namespace fleet::core {

Freshness ReplayGuard::admit(const FrameStamp& frame, Stamp now) {
  const Millis skew = frame.ts > now ? frame.ts - now : now - frame.ts;
  if (!frame.challenged && skew > kFreshWindow) return Freshness::skewed;
  if (!known_ || frame.boot != boot_) {
    // Only a later time tells a restarted peer from a recording of its past.
    if (!frame.challenged && frame.ts <= highest_) return Freshness::past_boot;
    restart(frame.boot);
  }
  const Freshness freshness = admit_counter(frame.counter);
  // A challenged frame may come from a clock that is wrong: it must not raise the mark.
  if (freshness == Freshness::fresh && !frame.challenged) highest_ = std::max(highest_, frame.ts);
  return freshness;
}

Freshness ReplayGuard::admit_counter(std::uint64_t counter) {
  if (counter > top_) {
    const std::uint64_t ahead = counter - top_;
    seen_ = ahead < kReplayWindow ? seen_ << static_cast<std::size_t>(ahead)
                                  : std::bitset<kReplayWindow>{};
    top_ = counter;
  }
  const std::uint64_t behind = top_ - counter;
  if (behind >= kReplayWindow) return Freshness::stale;
  const auto bit = static_cast<std::size_t>(behind);
  if (seen_[bit]) return Freshness::replayed;
  seen_.set(bit);
  return Freshness::fresh;
}

void ReplayGuard::restart(std::uint64_t boot) {
  known_ = true;
  boot_ = boot;
  top_ = 0;
  seen_.reset();
}

std::string_view to_string(Freshness freshness) {
  static constexpr std::array<std::string_view, 5> kNames{"fresh", "replayed", "stale", "skewed",
                                                          "past_boot"};
  return kNames.at(static_cast<std::size_t>(freshness));
}

}  // namespace fleet::core
