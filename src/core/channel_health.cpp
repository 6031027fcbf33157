#include "fleet/core/channel_health.h"

#include <algorithm>

namespace fleet::core {
namespace {

// One change under construction: the health so far, and what it depends on.
struct Change {
  ChannelHealth health;
  const Moment& moment;
  const Timing& timing;

  void enter(HealthState state);
  void pace_anew();
  void plan(Tick at);
  void fault();
  void slow();
  void ok();
  void count_ok();
  void probe_sent();
  void hint();
  void tick();
};

void Change::enter(HealthState state) {
  if (health.state != state) health.since = moment.now;
  health.state = state;
  health.oks = 0;
  health.last_ok.reset();
  if (state != HealthState::healthy) return;
  health.faults = 0;
  health.probes = 0;
  health.next_probe.reset();
}

void Change::pace_anew() {
  health.probes = 0;
  plan(moment.now + probe_wait(health, moment, timing));
}

void Change::plan(Tick at) {
  const bool held = health.state == HealthState::broken;
  health.next_probe = held ? std::max(at, health.since + health.hold_down) : at;
}

void Change::fault() {
  health.last_fault = moment.now;
  health.oks = 0;
  health.last_ok.reset();
  if (health.last_counted && moment.now - *health.last_counted < kFaultSpacing) return;
  health.last_counted = moment.now;
  health.faults = std::min(health.faults + 1, kFaultsToBreak);
  switch (health.state) {
    case HealthState::healthy:
      enter(HealthState::degraded);
      pace_anew();
      break;
    case HealthState::degraded:
      if (health.faults < kFaultsToBreak) break;
      enter(HealthState::broken);
      plan(health.next_probe.value_or(moment.now));
      break;
    case HealthState::healing:
      enter(HealthState::broken);
      pace_anew();
      break;
    case HealthState::broken:
      break;
  }
}

// The verdict came first, so it was charged as a fault already; the answer takes the worst of it
// back.
void Change::slow() {
  health.faults = 1;
  enter(HealthState::degraded);
  pace_anew();
}

void Change::ok() {
  switch (health.state) {
    case HealthState::healthy:
      break;
    case HealthState::broken:
      enter(HealthState::healing);
      pace_anew();
      break;
    case HealthState::degraded:
    case HealthState::healing:
      count_ok();
      break;
  }
}

void Change::count_ok() {
  if (health.last_ok && moment.now - *health.last_ok < kOkSpacing) return;
  health.last_ok = moment.now;
  health.faults = 1;  // in a row: two more are needed again
  health.oks += 1;
  if (health.oks >= kOksToRecover) return enter(HealthState::healthy);
  const Tick confirmed = moment.now + probe_wait(health, moment, timing);
  plan(std::min(health.next_probe.value_or(confirmed), confirmed));
}

void Change::probe_sent() {
  health.last_probe = moment.now;
  if (health.state == HealthState::healthy) return;
  health.probes += 1;
  plan(moment.now + probe_wait(health, moment, timing));
}

void Change::hint() {
  if (health.state == HealthState::healthy) return;
  Tick soon = moment.now;
  if (health.last_probe) soon = std::max(soon, *health.last_probe + timing.probe_min);
  plan(std::min(health.next_probe.value_or(soon), soon));
}

void Change::tick() {
  const Tick peace = health.last_fault.value_or(health.since);
  if (health.state == HealthState::healthy) return;
  if (moment.now - peace >= timing.channel_reset) enter(HealthState::healthy);
}

}  // namespace

bool Transition::came_up() const {
  if (!changed() || health.state == HealthState::broken) return false;
  return from == HealthState::broken || from == HealthState::healing;
}

Transition after(const ChannelHealth& health, HealthEvent event, const Moment& moment,
                 const Timing& timing) {
  Change change{health, moment, timing};
  switch (event) {
    case HealthEvent::fault:
      change.fault();
      break;
    case HealthEvent::slow:
      change.slow();
      break;
    case HealthEvent::ok:
      change.ok();
      break;
    case HealthEvent::probe_sent:
      change.probe_sent();
      break;
    case HealthEvent::hint:
      change.hint();
      break;
    case HealthEvent::tick:
      change.tick();
      break;
  }
  return {change.health, health.state};
}

Micros probe_wait(const ChannelHealth& health, const Moment& moment, const Timing& timing) {
  // The second of two answers counts only at a distance, so its probe is never early.
  if (health.oks > 0) return spread(kOkSpacing, 0.5 + moment.jitter / 2);
  const Micros cap =
      moment.peer_active ? timing.probe_max : std::max<Micros>(kIdleProbeMax, timing.probe_max);
  Micros wait = timing.probe_min;
  for (unsigned i = 0; i < health.probes && wait < cap; ++i) wait *= 2;
  return spread(std::min(wait, cap), moment.jitter);
}

std::string_view to_string(HealthState state) {
  static constexpr std::array<std::string_view, 4> kNames{"healthy", "degraded", "broken",
                                                          "healing"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view to_string(HealthEvent event) {
  static constexpr std::array<std::string_view, 6> kNames{"fault",      "slow", "ok",
                                                          "probe_sent", "hint", "tick"};
  return kNames.at(static_cast<std::size_t>(event));
}

}  // namespace fleet::core
