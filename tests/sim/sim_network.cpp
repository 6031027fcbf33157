#include "sim/sim_network.h"

namespace fleet::sim {
namespace {

channels::SendOutcome faulted(const char* why) {
  channels::SendOutcome outcome;
  outcome.outcome = {OutcomeKind::fault, why, Millis{0}};
  return outcome;
}

}  // namespace

Micros SimNetwork::travel(const Link& link) {
  const Micros wait = link.delay + between(rng_, Micros{0}, link.jitter);
  const Tick at = std::max(world_.now(), link.clogged_until) + wait;
  return at - world_.now();
}

void SimNetwork::call(const NodeId& from, const NodeId& to, ChannelId channel, std::uint64_t number,
                      std::string frame) {
  const Call call{from, to, channel, stations_.at(from)->life(), number};
  if (channel == ChannelId::nats && !nats_up_) {
    return answer_late(call, Micros{10}, "NATS is not connected");
  }
  const Link& way = link(from, to, channel);
  if (way.cut || chance(rng_, way.loss)) return;
  if (chance(rng_, way.duplicates)) {
    // A copy may come seconds later; whoever answers it speaks to nobody.
    const Call nobody{from, to, channel, 0, 0};
    const Micros late = travel(way) * static_cast<int>(1 + rng_.below(1'000));
    world_.after(late, [this, nobody, frame] { arrive(nobody, frame); });
  }
  world_.after(travel(way), [this, call, frame = std::move(frame)] { arrive(call, frame); });
}

void SimNetwork::arrive(const Call& call, std::string frame) {
  Station& station = *stations_.at(call.to);
  const Link& way = link(call.from, call.to, call.channel);
  if (way.cut || (call.channel == ChannelId::nats && !nats_up_)) return;
  switch (station.presence()) {
    case Station::Presence::dark:
      return;
    case Station::Presence::refusing:
      return answer(call, faulted(call.channel == ChannelId::nats ? "no responders" : "refused"));
    case Station::Presence::serving:
      break;
  }
  station.serve(call.from, call.channel, std::move(frame),
                [this, call](channels::SendOutcome outcome) { answer(call, std::move(outcome)); });
}

void SimNetwork::answer(const Call& call, channels::SendOutcome outcome) {
  const Link& back = link(call.to, call.from, call.channel);
  if (back.cut || chance(rng_, back.loss)) return;
  world_.after(travel(back), [this, call, outcome = std::move(outcome)] {
    Station& station = *stations_.at(call.from);
    if (station.life() == call.life) station.answered(call.number, outcome);
  });
}

void SimNetwork::answer_late(const Call& call, Micros wait, const char* fault) {
  world_.after(wait, [this, call, fault] {
    Station& station = *stations_.at(call.from);
    if (station.life() == call.life) station.answered(call.number, faulted(fault));
  });
}

void SimNetwork::datagram(const NodeId& from, const NodeId& to, std::string bytes) {
  const Link& way = link(from, to, ChannelId::http);
  if (way.cut || chance(rng_, way.loss)) return;
  world_.after(travel(way), [this, from, to, bytes = std::move(bytes)] {
    Station& station = *stations_.at(to);
    if (station.presence() == Station::Presence::serving) station.datagram(from, bytes);
  });
}

}  // namespace fleet::sim
