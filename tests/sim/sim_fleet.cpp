#include "sim/sim_fleet.h"

#include "io/spawn.h"

namespace fleet::sim {
namespace {

constexpr Micros kLivenessLimit = std::chrono::minutes(60);
constexpr Micros kSilenceLimit = std::chrono::minutes(180);
constexpr std::size_t kMaxTurnsPerMoment = 100'000;

}  // namespace

std::size_t SimFleet::size_of(std::uint64_t seed, const Plan& plan) {
  return plan.nodes > 0 ? plan.nodes : 3 + seed % 3;
}

SimFleet::SimFleet(std::uint64_t seed, Plan plan)
    : plan_(plan),
      world_(seed),
      rng_(world_.draws("fleet")),
      cast_(size_of(seed, plan)),
      network_(world_),
      oracle_(world_, nodes_),
      workload_(world_, nodes_, oracle_),
      faults_(world_, network_, nodes_, oracle_) {
  io::set_fault_hook([this](const std::string& name, const std::string& what) {
    world_.violate(name + " threw: " + what);
  });
  for (const NodeId& name : cast_.names()) {
    nodes_[name] = std::make_unique<SimNode>(world_, network_, cast_, name);
    sessions_.push_back(std::make_unique<SimSessions>(world_, *nodes_[name], oracle_));
    nodes_[name]->on_ready = [this](SimNode& node) { oracle_.started(node); };
  }
}

SimFleet::~SimFleet() { io::set_fault_hook({}); }

void SimFleet::boot_all() {
  for (auto& [name, node] : nodes_) node->boot();
}

// Everything that can happen at this moment, node by node.
void SimFleet::settle() {
  std::size_t turns = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& [name, node] : nodes_) {
      if (!node->poll()) continue;
      moved = true;
      listen(*node);
    }
    if (++turns < kMaxTurnsPerMoment) continue;
    world_.violate("time stands still: a loop posts to itself without end");
    return;
  }
}

void SimFleet::listen(SimNode& node) {
  if (!node.has_process()) return;
  Life& life = node.now_living();
  while (life.events_read < life.events.newest()) {
    const auto page = life.events.since(life.events_read, {});
    life.events_read = page.cursor;
    for (const catalogue::StreamEvent& event : page.events) oracle_.observed(node, event);
  }
}

std::optional<Tick> SimFleet::next() const {
  std::optional<Tick> first = world_.next();
  for (const auto& [name, node] : nodes_) {
    const auto at = node->next();
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

bool SimFleet::play(Micros span, const std::function<bool()>& done) {
  const Tick end = world_.now() + span;
  std::size_t at_once = 0;
  for (;;) {
    settle();
    if (done()) return true;
    const auto at = next();
    if (!at || *at > end || !world_.violations().empty()) break;
    at_once = *at > world_.now() ? 0 : at_once + 1;
    if (at_once > kMaxTurnsPerMoment) {
      world_.violate("time stands still: a timer fires without end");
      break;
    }
    world_.advance(*at);
    world_.run_due();
    for (auto& [name, node] : nodes_) node->fire_due();
  }
  if (world_.violations().empty()) world_.advance(end);
  return false;
}

bool SimFleet::at_rest() {
  for (auto& [name, node] : nodes_) {
    if (!node->ready()) return false;
    Spine& spine = node->spine();
    if (spine.delivery.open_count() > 0 || !spine.inbox.owing().empty()) return false;
    for (const NodeId& peer : cast_.names()) {
      if (!spine.delivery.voids(peer).empty()) return false;
    }
  }
  return workload_.read_everything();
}

void SimFleet::live_through_faults() {
  const Micros span =
      plan_.span.count() > 0 ? plan_.span : between(rng_, Seconds{60}, Seconds{240});
  if (plan_.faults) faults_.start(span);
  workload_.start(plan_.sends, span);
  for (auto& sessions : sessions_) sessions->start();
  play(span);
}

// Liveness: nothing may stay open, whatever state the faults left.
void SimFleet::come_to_rest() {
  faults_.heal();
  const Tick end = world_.now() + kLivenessLimit;
  while (world_.now() < end && world_.violations().empty()) {
    play(Seconds{1});
    if (at_rest()) return;
  }
  for (auto& [name, node] : nodes_) {
    if (!node->ready()) {
      world_.violate(name + " does not come up");
      continue;
    }
    Spine& spine = node->spine();
    std::string why = name + " is not at rest: " + std::to_string(spine.delivery.open_count()) +
                      " open, owes " + std::to_string(spine.inbox.owing().size());
    for (const NodeId& peer : cast_.names()) {
      const std::size_t voids = spine.delivery.voids(peer).size();
      if (voids > 0) why += ", " + std::to_string(voids) + " voids towards " + peer;
    }
    if (!workload_.read_everything()) why += "; an inbox was not read to its end";
    world_.violate(std::move(why));
  }
}

// Nobody sends any more: every timer must run out and every coroutine end.
void SimFleet::end() {
  workload_.stop_reading();
  for (auto& sessions : sessions_) sessions->stop();
  for (auto& [name, node] : nodes_) node->set_heartbeats(false);
  play(kSilenceLimit, [this] { return !next().has_value(); });
  if (!world_.violations().empty()) return;
  for (auto& [name, node] : nodes_) {
    Life& life = node->now_living();
    if (node->next()) world_.violate(name + " still has a timer after hours of silence");
    life.guard.reset();
    life.loop.poll();
    if (!node->next() && !life.loop.stopped()) world_.violate(name + " leaks a coroutine");
  }
}

Verdict SimFleet::run() {
  boot_all();
  live_through_faults();
  if (world_.violations().empty()) come_to_rest();
  const Tick rested = world_.now();
  if (world_.violations().empty()) end();
  if (world_.violations().empty()) oracle_.judge();
  return {world_.seed(),    world_.hash(),   oracle_.messages(),
          oracle_.stored(), rested - Tick{}, world_.violations()};
}

}  // namespace fleet::sim
