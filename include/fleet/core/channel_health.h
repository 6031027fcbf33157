// How well one channel to one peer works: a state machine over faults and answers, and when it is
// worth a probe (R5, R11). It neither sends nor waits; ChannelWatch feeds it what attempts came to.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "fleet/base/time.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

enum class HealthState {
  healthy,   // first choice
  degraded,  // used after the healthy ones of its set
  broken,    // not used, probed
  healing,   // answers again: probed, used only where nothing else is left
};

enum class HealthEvent {
  fault,       // refused, reset, unreachable, silent beyond its verdict
  slow,        // answered after its verdict: it works, but not in time
  ok,          // answered in time: a message or a probe
  probe_sent,  // paces the next one
  hint,        // link or route change, reconnect, valid frame, a user's check: probe soon
  tick,        // time passed
};

inline constexpr std::array kHealthStates{HealthState::healthy, HealthState::degraded,
                                          HealthState::broken, HealthState::healing};
inline constexpr std::array kHealthEvents{HealthEvent::fault, HealthEvent::slow,
                                          HealthEvent::ok,    HealthEvent::probe_sent,
                                          HealthEvent::hint,  HealthEvent::tick};

struct ChannelHealth {
  HealthState state = HealthState::healthy;
  unsigned faults = 0;  // counted, in a row
  unsigned oks = 0;     // in a row, kOkSpacing apart
  unsigned probes = 0;  // sent since the pace was last reset
  Tick since{};         // of the state
  std::optional<Tick> last_fault{};
  std::optional<Tick> last_counted{};  // the fault that was counted last
  std::optional<Tick> last_ok{};       // the ok that was counted last
  std::optional<Tick> last_probe{};
  std::optional<Tick> next_probe{};  // none while healthy
  Micros hold_down{0};               // a broken channel is not probed sooner than this
  bool operator==(const ChannelHealth&) const = default;
};

// When it happens, and the luck of the draw; jitter is uniform in [0, 1).
struct Moment {
  Tick now{};
  double jitter = 0.5;
  bool peer_active = true;  // an idle peer is probed more rarely
};

struct Transition {
  ChannelHealth health;
  HealthState from = HealthState::healthy;

  bool changed() const { return health.state != from; }
  // Worth telling parked messages about: a road that could not be used can be.
  bool came_up() const;
};

Transition after(const ChannelHealth& health, HealthEvent event, const Moment& moment,
                 const Timing& timing);

// R11: 0.5, 1, 2, 4, 8, 15, 15 … s ±20 %, up to 60 s where the peer is idle.
Micros probe_wait(const ChannelHealth& health, const Moment& moment, const Timing& timing);

// Every change of state that `after` may make; a contract test walks the table.
struct HealthEdge {
  HealthState from;
  HealthEvent event;
  HealthState to;
};
inline constexpr std::array<HealthEdge, 12> kHealthEdges{{
    {HealthState::healthy, HealthEvent::fault, HealthState::degraded},
    {HealthState::healthy, HealthEvent::slow, HealthState::degraded},
    {HealthState::degraded, HealthEvent::fault, HealthState::broken},
    {HealthState::degraded, HealthEvent::ok, HealthState::healthy},
    {HealthState::degraded, HealthEvent::tick, HealthState::healthy},
    {HealthState::broken, HealthEvent::ok, HealthState::healing},
    {HealthState::broken, HealthEvent::slow, HealthState::degraded},
    {HealthState::broken, HealthEvent::tick, HealthState::healthy},
    {HealthState::healing, HealthEvent::fault, HealthState::broken},
    {HealthState::healing, HealthEvent::slow, HealthState::degraded},
    {HealthState::healing, HealthEvent::ok, HealthState::healthy},
    {HealthState::healing, HealthEvent::tick, HealthState::healthy},
}};

std::string_view to_string(HealthState state);
std::string_view to_string(HealthEvent event);

}  // namespace fleet::core
