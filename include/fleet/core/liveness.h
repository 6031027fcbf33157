// Whether a peer shows life: online, silent after three missed heartbeats, away after thirty. Any
// valid frame is a life sign. A boot id that changed means that the peer's daemon was restarted.
// (delivery §9)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fleet/base/time.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

enum class Presence { away, online, silent };
enum class LifeEvent { life, tick };

inline constexpr std::array kPresences{Presence::away, Presence::online, Presence::silent};

struct Liveness {
  Presence presence = Presence::away;  // nothing was heard yet
  std::uint64_t boot = 0;              // 0: unknown
  Tick last_life{};
  bool operator==(const Liveness&) const = default;
};

struct LifeTransition {
  Liveness liveness{};
  Presence from = Presence::away;
  bool restarted = false;  // another boot id than before

  bool changed() const { return liveness.presence != from; }
  // Parked messages are flushed: it was not there, or is not the same process.
  bool showed_life() const {
    return liveness.presence == Presence::online && (changed() || restarted);
  }
};

// `boot` 0: the frame does not carry one.
LifeTransition after_life(const Liveness& liveness, std::uint64_t boot, Tick now);
LifeTransition after_tick(const Liveness& liveness, Tick now, const Timing& timing);

// When after_tick can next change anything.
std::optional<Tick> next_change(const Liveness& liveness, const Timing& timing);
// 10 s ±10 %.
Micros heartbeat_wait(double jitter, const Timing& timing);

struct PresenceEdge {
  Presence from;
  LifeEvent event;
  Presence to;
};
inline constexpr std::array<PresenceEdge, 5> kPresenceEdges{{
    {Presence::away, LifeEvent::life, Presence::online},
    {Presence::silent, LifeEvent::life, Presence::online},
    {Presence::online, LifeEvent::tick, Presence::silent},
    {Presence::online, LifeEvent::tick, Presence::away},
    {Presence::silent, LifeEvent::tick, Presence::away},
}};

std::string_view to_string(Presence presence);

}  // namespace fleet::core
