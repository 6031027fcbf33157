#include "scenarios/world.h"

#include <algorithm>

namespace fleet::core {
namespace {

std::string text(Micros span) {
  std::ostringstream out;
  out << static_cast<double>(span.count()) / 1'000.0 << "ms";
  return out.str();
}

}  // namespace

// --- what is seen --------------------------------------------------------------------------------

void World::say(const std::string& line) {
  trace_ << "  +" << text(now_ - kStart) << ' ' << line << '\n';
}

// --- what the delivery service does --------------------------------------------------------------

PeerView World::view() const {
  PeerView peer{.silent = silent_};
  for (const ChannelId id : kChannels) {
    peer[id] = watches_.at(static_cast<std::size_t>(id)).view(configured_.contains(id), now_);
  }
  return peer;
}

void World::tell(const std::string& name, const CascadeEvent& event) {
  const PeerView peer = view();
  Message& message = messages_.at(name);
  if (event.kind == CascadeEvent::Kind::timer) message.armed.reset();
  const CascadeWorld world{peer, budget_, timing_, now_};
  for (const CascadeAction& action : message.cascade.step(event, world)) perform(name, action);
}

void World::perform(const std::string& name, const CascadeAction& action) {
  if (const auto* attempt = std::get_if<StartAttempt>(&action)) start(name, *attempt);
  if (const auto* timer = std::get_if<ArmTimer>(&action)) {
    messages_.at(name).armed = timer->at;
    say(name + " waits for " + std::string(to_string(timer->why)) + " until +" +
        text(timer->at - kStart));
  }
  if (const auto* parked = std::get_if<Park>(&action)) {
    say(name + " is parked: " + std::string(to_string(parked->why)));
  }
  if (const auto* finished = std::get_if<Finish>(&action)) {
    messages_.at(name).armed.reset();
    say(name + " is finished: " + std::string(to_string(finished->state)));
  }
}

void World::start(const std::string& name, const StartAttempt& start) {
  const AttemptKind kind = start.half_open ? AttemptKind::half_open : AttemptKind::normal;
  const bool full = !watch(start.channel).may_start();
  say(name + " starts " + std::string(to_string(start.channel)) + " #" +
      std::to_string(start.attempt) + (start.speculative ? " speculatively" : "") +
      (start.half_open ? " as a trial" : "") + (full ? ", waits for a place" : ""));
  flights_.push_back({name, start.channel, start.attempt, 0, kind, now_, full});
  if (!full) took_off(flights_.back());
}

void World::took_off(Flight& flight) {
  const Micros stagger = view().stagger(flight.channel, timing_);
  flight.no = watch(flight.channel).started(flight.kind, stagger, moment(), timing_);
  flight.ends = now_ + timing_.cap(flight.channel);
  flight.queued = false;
}

void World::ended(std::size_t index, AttemptEnd end) {
  const Flight flight = flights_.at(index);
  flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(index));
  moved(flight.channel, watch(flight.channel).ended(flight.no, end, moment(), timing_));
}

void World::free_place(ChannelId channel) {
  for (Flight& flight : flights_) {
    if (flight.channel != channel || !flight.queued || !watch(channel).may_start()) continue;
    took_off(flight);
    tell(flight.message, {CascadeEvent::Kind::sent, channel, flight.attempt});
    return;
  }
}

void World::moved(ChannelId id, const Transition& transition) {
  if (!transition.changed()) return;
  say(std::string(to_string(id)) + ": " + std::string(to_string(transition.from)) + " -> " +
      std::string(to_string(transition.health.state)));
  if (!transition.came_up()) return;
  for (const auto& [name, message] : messages_) {
    tell(name, {CascadeEvent::Kind::channel_up, id});
  }
}

// --- time ----------------------------------------------------------------------------------------

std::optional<Tick> World::next_due() const {
  std::optional<Tick> next;
  const auto consider = [&next](std::optional<Tick> at) {
    if (at) next = std::min(next.value_or(*at), *at);
  };
  for (const ChannelWatch& each : watches_) consider(each.next_judgement());
  for (const Flight& flight : flights_) {
    if (!flight.queued) consider(flight.ends);
  }
  for (const auto& [name, message] : messages_) consider(message.armed);
  return next;
}

void World::fire() {
  for (const ChannelId id : kChannels) judge(id);
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    if (flights_[i].queued || flights_[i].ends > now_) continue;
    const ChannelId id = flights_[i].channel;
    ended(i, AttemptEnd::faulted);
    return free_place(id);
  }
  for (auto& [name, message] : messages_) {
    if (message.armed && *message.armed <= now_) {
      return tell(name, {.kind = CascadeEvent::Kind::timer});
    }
  }
}

void World::judge(ChannelId id) {
  const Judgement judgement = watch(id).judge(moment(), timing_);
  for (const AttemptNo no : judgement.faulted) {
    const auto flight = std::find_if(flights_.begin(), flights_.end(), [&](const Flight& each) {
      return each.channel == id && !each.queued && each.no == no;
    });
    if (flight == flights_.end()) continue;
    const Flight late = *flight;
    say("verdict on " + std::string(to_string(id)) + " #" + std::to_string(late.attempt) + " of " +
        late.message + ": fault");
    moved(id, judgement.transition);
    tell(late.message, {CascadeEvent::Kind::fault, id, late.attempt});
  }
}

}  // namespace fleet::core
