#include "services/delivery/roads.h"

#include <algorithm>

#include "fleet/base/plant.h"
#include "io/spawn.h"

namespace fleet::delivery {
namespace {

core::AttemptEnd end_of(OutcomeKind kind) {
  return kind == OutcomeKind::fault ? core::AttemptEnd::faulted : core::AttemptEnd::answered;
}

}  // namespace

Roads::Roads(Needs needs) : needs_(std::move(needs)), channels_(kChannelCount) {
  for (auto& channel : needs_.channels) {
    const auto place = static_cast<std::size_t>(channel->id());
    channels_.at(place) = std::move(channel);
  }
  // What a road came to while the peer was away says nothing about it now.
  needs_.book.watch([this](const NodeId& peer, const core::LifeTransition& change) {
    if (change.showed_life()) hint(peer);
  });
}

Roads::Road& Roads::road(const NodeId& peer, ChannelId channel) {
  return roads_.try_emplace({peer, channel}, channel).first->second;
}

bool Roads::configured(const NodeId& peer, ChannelId id) {
  if (!channels_.at(static_cast<std::size_t>(id))) return false;
  Road& r = road(peer, id);
  if (r.generation != needs_.book.generation()) {
    r.generation = needs_.book.generation();
    r.ready = not_ready(peer, id).empty();
  }
  return r.ready;
}

std::string Roads::not_ready(const NodeId& peer, ChannelId id) {
  if (!channels_.at(static_cast<std::size_t>(id))) {
    return "channel " + std::string(to_string(id)) + " is not part of this node's configuration";
  }
  const channels::Readiness readiness = channel(id).ready(route(peer, id));
  return readiness.ready ? "" : readiness.reason;
}

channels::PeerRoute Roads::route(const NodeId& peer, ChannelId id) {
  return {needs_.membership.self().node, peer, needs_.membership.fleet(),
          needs_.book.addresses(peer, id), needs_.hop_seals(peer)};
}

core::PeerView Roads::view(const NodeId& peer) {
  core::PeerView view;
  view.silent = needs_.book.silent(peer);
  const Tick now = needs_.clock.now();
  for (const ChannelId id : kChannels) {
    if (!configured(peer, id)) continue;
    view[id] = road(peer, id).watch.view(true, now);
  }
  return view;
}

bool Roads::may_start(const NodeId& peer, ChannelId id) { return road(peer, id).watch.may_start(); }

core::Moment Roads::moment(const NodeId& peer) {
  return {needs_.clock.now(), needs_.rng.unit(), !needs_.book.silent(peer)};
}

RoadAttempt Roads::start(const NodeId& peer, ChannelId id, core::AttemptKind kind) {
  const Micros stagger = view(peer).stagger(id, needs_.timing);
  const core::AttemptNo no =
      road(peer, id).watch.started(kind, stagger, moment(peer), needs_.timing);
  arm(peer, id);
  return {peer, id, no, route(peer, id), {needs_.clock.now() + needs_.timing.cap(id)}};
}

void Roads::ended(const RoadAttempt& attempt, const channels::SendOutcome& outcome) {
  if (planted(Plant::loser_cancelled_without_verdict) &&
      outcome.outcome.kind == OutcomeKind::fault) {
    return;
  }
  const core::AttemptEnd end = end_of(outcome.outcome.kind);
  apply(attempt.peer, attempt.channel,
        road(attempt.peer, attempt.channel)
            .watch.ended(attempt.no, end, moment(attempt.peer), needs_.timing));
  if (outcome.proved) needs_.book.life(attempt.peer, 0);
}

void Roads::frame(const NodeId& peer, ChannelId id) {
  apply(peer, id, road(peer, id).watch.frame(moment(peer), needs_.timing));
  needs_.book.life(peer, 0);
}

void Roads::hint(ChannelId id) {
  for (auto& [key, r] : roads_) {
    if (key.second == id) probe_soon(key.first, id);
  }
}

void Roads::hint(const NodeId& peer) {
  for (auto& [key, r] : roads_) {
    if (key.first == peer) probe_soon(peer, key.second);
  }
}

void Roads::probe_soon(const NodeId& peer, ChannelId id) {
  apply(peer, id,
        road(peer, id).watch.observe(core::HealthEvent::hint, moment(peer), needs_.timing));
}

void Roads::apply(const NodeId& peer, ChannelId id, const core::Transition& change) {
  arm(peer, id);
  if (!change.changed()) return;
  needs_.events.publish("channel.state", {{"peer", peer},
                                          {"channel", to_string(id)},
                                          {"from", to_string(change.from)},
                                          {"to", to_string(change.health.state)}});
  if (change.came_up() && listener_ != nullptr) listener_->came_up(peer, id);
}

// One timer per road: the next verdict, the next probe, or the long peace that heals.
void Roads::arm(const NodeId& peer, ChannelId id) {
  Road& r = road(peer, id);
  std::optional<Tick> at = r.watch.next_judgement();
  const auto& probe_at = r.watch.health().next_probe;
  if (probe_at && !r.probing && (!at || *probe_at < *at)) at = probe_at;
  needs_.clock.cancel(r.timer);
  r.timer = 0;
  if (at) r.timer = needs_.clock.call_at(*at, [this, peer, id] { on_timer(peer, id); });
}

void Roads::on_timer(const NodeId& peer, ChannelId id) {
  Road& r = road(peer, id);
  r.timer = 0;
  const core::Judgement judgement = r.watch.judge(moment(peer), needs_.timing);
  apply(peer, id, judgement.transition);
  for (const core::AttemptNo no : judgement.faulted) listener_->overdue(peer, id, no);
  apply(peer, id, r.watch.observe(core::HealthEvent::tick, moment(peer), needs_.timing));
  const auto& next = r.watch.health().next_probe;
  if (next && *next <= needs_.clock.now() && !r.probing) {
    r.probing = true;
    io::spawn(needs_.loop, probe(peer, id), "probe");
  }
}

Task<void> Roads::probe(NodeId peer, ChannelId id) {
  Road& r = road(peer, id);
  if (!configured(peer, id)) {
    // Nothing to probe with: look again when the pace says so.
    r.probing = false;
    apply(peer, id, r.watch.observe(core::HealthEvent::probe_sent, moment(peer), needs_.timing));
    co_return;
  }
  apply(peer, id, r.watch.observe(core::HealthEvent::probe_sent, moment(peer), needs_.timing));
  RoadAttempt attempt = start(peer, id, core::AttemptKind::probe);
  channels::SendOutcome outcome =
      co_await channel(id).send(std::string(), attempt.route, attempt.deadline);
  // Anybody may answer a port; only the peer's own proof counts.
  if (!outcome.proved) outcome.outcome.kind = OutcomeKind::fault;
  road(peer, id).probing = false;
  ended(attempt, outcome);
  if (outcome.proved && listener_ != nullptr) {
    listener_->answered(peer, id, std::move(outcome.reply));
  }
}

}  // namespace fleet::delivery
