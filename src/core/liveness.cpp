#include "fleet/core/liveness.h"

#include <algorithm>

namespace fleet::core {
namespace {

// The slowest the peer may be and still be counted as regular.
Micros missed(unsigned beats, const Timing& timing) {
  return spread(timing.heartbeat * beats, 1.0, kHeartbeatSpread);
}

}  // namespace

LifeTransition after_life(const Liveness& liveness, std::uint64_t boot, Tick now) {
  LifeTransition transition{liveness, liveness.presence, false};
  transition.restarted = boot != 0 && liveness.boot != 0 && boot != liveness.boot;
  if (boot != 0) transition.liveness.boot = boot;
  transition.liveness.presence = Presence::online;
  transition.liveness.last_life = std::max(liveness.last_life, now);
  return transition;
}

LifeTransition after_tick(const Liveness& liveness, Tick now, const Timing& timing) {
  LifeTransition transition{liveness, liveness.presence, false};
  if (liveness.presence == Presence::away) return transition;
  const Micros quiet = now - liveness.last_life;
  if (quiet >= missed(kAwayAfter, timing)) {
    transition.liveness.presence = Presence::away;
  } else if (quiet >= missed(kSilentAfter, timing)) {
    transition.liveness.presence = Presence::silent;
  }
  return transition;
}

std::optional<Tick> next_change(const Liveness& liveness, const Timing& timing) {
  switch (liveness.presence) {
    case Presence::online:
      return liveness.last_life + missed(kSilentAfter, timing);
    case Presence::silent:
      return liveness.last_life + missed(kAwayAfter, timing);
    case Presence::away:
      break;
  }
  return std::nullopt;
}

Micros heartbeat_wait(double jitter, const Timing& timing) {
  return spread(timing.heartbeat, jitter, kHeartbeatSpread);
}

std::string_view to_string(Presence presence) {
  static constexpr std::array<std::string_view, 3> kNames{"away", "online", "silent"};
  return kNames.at(static_cast<std::size_t>(presence));
}

}  // namespace fleet::core
