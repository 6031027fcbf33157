// Every state machine of this room against its table of legal edges: a random walk takes no edge
// that is not in the table, and finds each that is.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "fleet/base/rng.h"
#include "fleet/core/cascade.h"
#include "fleet/core/channel_health.h"
#include "fleet/core/liveness.h"

namespace fleet::core {
namespace {

constexpr Tick kStart{1'000'000'000'000};

// Walks `steps` random steps. A walker steps once and says by which edge, as numbers.
template <class Edge, class Walker>
void expect_exactly(const std::set<Edge>& legal, Walker walk, int steps) {
  std::set<Edge> taken;
  SeededRng rng(20'260'101);
  for (int i = 0; i < steps; ++i) {
    for (const Edge& edge : walk(rng)) {
      EXPECT_TRUE(legal.contains(edge)) << testing::PrintToString(edge);
      taken.insert(edge);
    }
  }
  EXPECT_EQ(taken, legal);
}

Micros random_span(Rng& rng) {
  constexpr std::array<std::int64_t, 5> kMillis{1, 100, 600, 3'000, 40'000};
  return Millis{kMillis.at(rng.below(kMillis.size()))};
}

using ThreeWords = std::tuple<std::string, std::string, std::string>;

TEST(Contract, channel_health) {
  std::set<ThreeWords> legal;
  for (const HealthEdge& edge : kHealthEdges) {
    legal.emplace(to_string(edge.from), to_string(edge.event), to_string(edge.to));
  }
  ChannelHealth health;
  Tick now = kStart;
  const Timing timing;
  const auto walk = [&](Rng& rng) -> std::vector<ThreeWords> {
    now = now + (rng.below(20) == 0 ? Micros{Seconds{1'000}} : random_span(rng));
    const HealthEvent event = kHealthEvents.at(rng.below(kHealthEvents.size()));
    const Transition step = after(health, event, {now, rng.unit()}, timing);
    health = step.health;
    EXPECT_EQ(health.next_probe.has_value(), health.state != HealthState::healthy);
    if (!step.changed()) return {};
    return {ThreeWords(to_string(step.from), to_string(event), to_string(health.state))};
  };
  expect_exactly(legal, walk, 20'000);
}

TEST(Contract, presence) {
  std::set<ThreeWords> legal;
  const auto word = [](LifeEvent event) { return event == LifeEvent::life ? "life" : "tick"; };
  for (const PresenceEdge& edge : kPresenceEdges) {
    legal.emplace(to_string(edge.from), word(edge.event), to_string(edge.to));
  }
  Liveness liveness;
  Tick now = kStart;
  const Timing timing;
  const auto walk = [&](Rng& rng) -> std::vector<ThreeWords> {
    now = now + (rng.below(6) == 0 ? Micros{Seconds{400}} : random_span(rng));
    const LifeEvent event = rng.below(4) == 0 ? LifeEvent::life : LifeEvent::tick;
    const LifeTransition step = event == LifeEvent::life ? after_life(liveness, rng.below(3), now)
                                                         : after_tick(liveness, now, timing);
    liveness = step.liveness;
    if (!step.changed()) return {};
    return {ThreeWords(to_string(step.from), word(event), to_string(liveness.presence))};
  };
  expect_exactly(legal, walk, 20'000);
}

// A cascade among random events, health and time. Beside its edges it is held to what must be true
// after any step.
struct RandomCascade {
  Cascade cascade{MessageType::task};
  PeerView peer{};
  SpeculationBudget budget{};
  Timing timing{};
  Tick now = kStart;
  std::optional<Tick> armed{};
  std::vector<StartAttempt> out{};
  unsigned last_attempt = 0;

  explicit RandomCascade(Rng& rng) : cascade(kMessageTypes.at(rng.below(kMessageTypes.size()))) {
    for (const ChannelId id : kChannels) peer[id].configured = rng.below(2) == 0;
    peer.silent = rng.below(4) == 0;
  }

  void shake(Rng& rng) {
    now = now + random_span(rng);
    for (const ChannelId id : kChannels) {
      if (rng.below(4) == 0) peer[id].health = kHealthStates.at(rng.below(kHealthStates.size()));
      peer[id].trial_open = rng.below(2) == 0;
      peer[id].suspect = rng.below(5) == 0;
    }
  }

  CascadeEvent event(Rng& rng) {
    using enum CascadeEvent::Kind;
    if (cascade.state() == CascadeState::fresh && rng.below(8) > 0) return {.kind = begin};
    auto kind = static_cast<CascadeEvent::Kind>(rng.below(kCascadeEvents));
    const bool ends = kind == receipted || kind == rejected || kind == cancelled || kind == expired;
    if (ends && rng.below(10) > 0) kind = timer;
    CascadeEvent event{kind, kChannels.at(rng.below(kChannelCount)), 0};
    if (out.empty() || kind == channel_up) return event;
    const std::size_t index = rng.below(out.size());
    event.channel = out[index].channel;
    event.attempt = out[index].attempt;
    if (kind == fault || kind == handed || kind == back_pressure) {
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return event;
  }

  CascadeState step(const CascadeEvent& event) {
    const CascadeState before = cascade.state();
    const CascadeActions actions = cascade.step(event, {peer, budget, timing, now, 0.5});
    if (event.kind == CascadeEvent::Kind::timer && armed && *armed <= now) armed.reset();
    for (const CascadeAction& action : actions) note(action);
    EXPECT_TRUE(before != CascadeState::finished || actions.empty());
    EXPECT_TRUE(cascade.state() != CascadeState::parked || armed) << "parked without a resend";
    return before;
  }

  void note(const CascadeAction& action) {
    if (const auto* start = std::get_if<StartAttempt>(&action)) {
      EXPECT_TRUE(peer[start->channel].configured);
      EXPECT_EQ(start->attempt, ++last_attempt);
      EXPECT_EQ(start->half_open, peer[start->channel].health == HealthState::broken);
      out.push_back(*start);
    }
    if (const auto* timer = std::get_if<ArmTimer>(&action)) {
      armed = timer->at;
    }
  }
};

TEST(Contract, cascade) {
  using TwoWords = std::pair<std::string, std::string>;
  std::set<TwoWords> legal;
  for (const CascadeEdge& edge : kCascadeEdges) {
    legal.emplace(to_string(edge.from), to_string(edge.to));
  }
  const auto walk = [&](Rng& rng) {
    std::vector<TwoWords> edges;
    RandomCascade random(rng);
    for (int i = 0; i < 40; ++i) {
      random.shake(rng);
      const CascadeState before = random.step(random.event(rng));
      const CascadeState state = random.cascade.state();
      if (state != before) edges.emplace_back(to_string(before), to_string(state));
    }
    return edges;
  };
  expect_exactly(legal, walk, 3'000);
}

// Nothing is lost: whatever happens, a message that is not finished has a timer or an attempt out.
TEST(Contract, a_cascade_never_falls_asleep) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    SeededRng rng(seed);
    RandomCascade random(rng);
    random.step({.kind = CascadeEvent::Kind::begin});
    for (int i = 0; i < 60 && random.cascade.state() != CascadeState::finished; ++i) {
      random.shake(rng);
      random.step(random.event(rng));
      const bool finished = random.cascade.state() == CascadeState::finished;
      ASSERT_TRUE(finished || random.armed || !random.out.empty()) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace fleet::core
