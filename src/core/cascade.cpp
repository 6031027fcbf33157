#include "fleet/core/cascade.h"

#include <algorithm>

#include "fleet/base/plant.h"
#include "fleet/core/retry.h"

namespace fleet::core {

struct Cascade::Step {
  const CascadeWorld& world;
  CascadeActions actions{};
  bool speculative = false;  // the next start is one by stagger beside an undoubted channel
};

CascadeActions Cascade::step(const CascadeEvent& event, const CascadeWorld& world) {
  Step step{world};
  if (state_ == CascadeState::finished) return {};
  handle(step, event);
  if (active()) state_ = receipt_at_ ? CascadeState::held_back : CascadeState::running;
  arm(step);
  return std::move(step.actions);
}

void Cascade::handle(Step& step, const CascadeEvent& event) {
  using enum CascadeEvent::Kind;
  switch (event.kind) {
    case begin:
      if (state_ == CascadeState::fresh) begin_pass(step);
      break;
    case sent:
      return on_sent(step, event);
    case fault:
      return on_fault(step, event);
    case handed:
      return on_handed(step, event);
    case receipted:
      return finish(step, Finish::State::stored);
    case rejected:
      return finish(step, Finish::State::rejected);
    case back_pressure:
      return on_back_pressure(step, event);
    case timer:
      return on_timer(step);
    case channel_up:
      return on_channel_up(step, event.channel);
    case peer_alive:
      return on_peer_alive(step);
    case cancelled:
      return finish(step, Finish::State::cancelled);
    case expired:
      return finish(step, Finish::State::expired);
  }
}

// --- events --------------------------------------------------------------------------------------

// It waited for a free place until now; its d begins only here.
void Cascade::on_sent(Step& step, const CascadeEvent& event) {
  Leg& sent = leg(event.channel);
  if (current_ != event.channel || sent.attempt != event.attempt) return;
  sent.started = step.world.now;
  sent.queued = false;
  stagger_at_ = step.world.now + step.world.peer.stagger(event.channel, step.world.timing);
}

void Cascade::on_fault(Step& step, const CascadeEvent& event) {
  const bool latest = end_attempt(event);
  if (latest && leg(event.channel).state != Leg::State::handed) {
    leg(event.channel).state = Leg::State::faulted;
    if (current_ == event.channel) leave_current(Leg::State::faulted);
  }
  if (active() && !current_) move_on(step);
}

void Cascade::on_handed(Step& step, const CascadeEvent& event) {
  const bool latest = end_attempt(event);
  if (traits(event.channel).strength == Strength::none) return;  // it woke the peer, no more
  handed_to_ = event.channel;
  if (state_ == CascadeState::pressed || state_ == CascadeState::fresh) return;
  if (latest) leg(event.channel).state = Leg::State::handed;
  const Tick until = step.world.now + receipt_wait(event.channel, step.world.timing);
  receipt_at_ = std::max(receipt_at_.value_or(until), until);
  wake_at_.reset();
  if (state_ == CascadeState::parked) state_ = CascadeState::held_back;
  // A strong road of the same set still starts when its turn comes.
  if (next_candidate(step.world.peer)) return;
  if (current_ && leg(*current_).state == Leg::State::handed) leave_current(Leg::State::handed);
  if (!current_) move_on(step);
}

// §4: the outbox waits, no channel is charged, no other road is tried.
void Cascade::on_back_pressure(Step& step, const CascadeEvent& event) {
  end_attempt(event);
  if (state_ == CascadeState::fresh) return;
  const bool said = event.retry_after > Millis{0};
  if (current_) leave_current(Leg::State::overdue);
  receipt_at_.reset();
  wake_at_ = step.world.now + (said ? event.retry_after : kPressureDefault);
  state_ = CascadeState::pressed;
}

void Cascade::on_timer(Step& step) {
  const auto due = [&step](std::optional<Tick> at) { return at && *at <= step.world.now; };
  if (armed_ && armed_->at <= step.world.now) armed_.reset();
  if (due(wake_at_)) return begin_pass(step);
  if (due(receipt_at_)) receipt_overdue(step);
  if (due(stagger_at_)) overdue(step);
}

void Cascade::on_channel_up(Step& step, ChannelId id) {
  const PeerView& peer = step.world.peer;
  const ChannelSet all = roads(Phase::first_roads, peer);
  if (!all.contains(id) && !roads(Phase::rest, peer).contains(id)) return;
  const auto latency = [&](ChannelId of) {
    return expected_latency(of, peer[of], step.world.timing);
  };
  std::optional<Micros> handed;
  if (handed_to_) handed = latency(*handed_to_);
  const bool better = worth_resending(latency(id), handed);
  if (state_ == CascadeState::parked && better) return begin_pass(step);
  if (state_ == CascadeState::held_back && !better) return;
  const bool slower_now = !current_ || traits(*current_).set > traits(id).set;
  if (!active() || !slower_now || current_ == id) return;
  leg(id).tries = 0;
  leg(id).state = Leg::State::untried;
  if (current_) leave_current(Leg::State::overdue);
  move_on(step);
}

// Whatever was tried while it was away says nothing about a peer that is there.
void Cascade::on_peer_alive(Step& step) {
  if (state_ == CascadeState::parked) return begin_pass(step);
  const bool fast = current_ && traits(*current_).set == RoadSet::fast;
  if (active() && !fast) begin_pass(step);
}

// --- decisions -----------------------------------------------------------------------------------

// From the best channel again. While a hop's word holds weak roads back, they stay tried.
void Cascade::begin_pass(Step& step) {
  if (current_) leave_current(Leg::State::overdue);
  for (Leg& each : legs_) {
    if (receipt_at_ && each.state == Leg::State::handed) continue;
    each.state = Leg::State::untried;
    each.tries = 0;
  }
  wake_at_.reset();
  state_ = CascadeState::running;
  move_on(step);
  wake_silent_peer(step);
}

// R3: a peer that has been silent is woken beside the first start; nobody waits for that.
void Cascade::wake_silent_peer(Step& step) {
  const ChannelView& wol = step.world.peer[ChannelId::wol];
  const bool wanted = step.world.peer.silent && policy(type_).goes_on && !via_;
  if (!wanted || !wol.configured || wol.health == HealthState::broken) return;
  if (leg(ChannelId::wol).tries == 0) launch(step, ChannelId::wol, Trial::no);
}

// R1, R2: the next candidate; else one that is healing; else one half-open trial; else patience;
// else the outbox.
void Cascade::move_on(Step& step) {
  const PeerView& peer = step.world.peer;
  if (const auto next = next_candidate(peer)) return start(step, *next, Trial::no);
  if (const auto healing = last_resort(HealthState::healing, peer)) {
    return start(step, *healing, Trial::no);
  }
  if (const auto broken = last_resort(HealthState::broken, peer)) {
    return start(step, *broken, Trial::half_open);
  }
  if (!receipt_at_ && !in_flight()) park(step);
}

// R2b, R8: the current start is older than its d.
void Cascade::overdue(Step& step) {
  stagger_at_.reset();
  if (waits_for_a_place(step)) {
    stagger_at_ = step.world.now + step.world.peer.stagger(*current_, step.world.timing);
    return;
  }
  if (must_be_charged(step)) {
    if (!step.world.budget.try_spend(step.world.now)) {
      stagger_at_ = leg(*current_).started + step.world.timing.cap(*current_);
      return;
    }
    step.speculative = true;
  }
  if (leg(*current_).state == Leg::State::waiting) leg(*current_).state = Leg::State::overdue;
  current_.reset();
  move_on(step);
}

// A busy channel that answers is no reason to take another: its time has not begun.
bool Cascade::waits_for_a_place(const Step& step) const {
  const ChannelView& view = step.world.peer[*current_];
  return leg(*current_).queued && view.health == HealthState::healthy && !view.suspect;
}

bool Cascade::must_be_charged(const Step& step) const {
  const Leg& slow = leg(*current_);
  if (slow.state != Leg::State::waiting || slow.doubted) return false;
  if (step.world.peer[*current_].health != HealthState::healthy) return false;
  if (!next_candidate(step.world.peer)) return false;
  return step.world.now < slow.started + step.world.timing.cap(*current_);
}

// R7: the hop's word did not become a receipt in time.
void Cascade::receipt_overdue(Step& step) {
  receipt_at_.reset();
  for (Leg& each : legs_) {
    if (each.state == Leg::State::handed) each.state = Leg::State::faulted;
  }
  if (!current_) move_on(step);
}

void Cascade::start(Step& step, ChannelId id, Trial trial) {
  launch(step, id, trial);
  current_ = id;
  stagger_at_ = step.world.now + step.world.peer.stagger(id, step.world.timing);
}

void Cascade::launch(Step& step, ChannelId id, Trial trial) {
  const ChannelView& view = step.world.peer[id];
  Leg& each = leg(id);
  each.state = Leg::State::waiting;
  each.tries += 1;
  each.in_flight += 1;
  each.attempt = ++attempts_;
  each.started = step.world.now;
  each.queued = view.full;
  each.doubted = view.suspect || view.health != HealthState::healthy || id == ChannelId::wol;
  if (!step.speculative) step.world.budget.sent(step.world.now);
  step.actions.push_back(
      StartAttempt{id, each.attempt, step.speculative, trial == Trial::half_open});
  step.speculative = false;
}

// R12. Nothing is dropped: the resend is armed, and life or a better channel comes first.
void Cascade::park(Step& step) {
  if (planted(Plant::parked_message_dropped)) {
    state_ = CascadeState::finished;
    return;
  }
  const bool tried =
      std::any_of(legs_.begin(), legs_.end(), [](const Leg& l) { return l.tries > 0; });
  const bool any = !roads(Phase::first_roads, step.world.peer).empty() ||
                   !roads(Phase::rest, step.world.peer).empty();
  const CascadeWorld& world = step.world;
  wake_at_ = world.now + resend_after(resend_latency(world), passes_, world.jitter, world.timing);
  passes_ += 1;
  state_ = CascadeState::parked;
  step.actions.push_back(Park{tried ? Park::Why::exhausted
                              : any ? Park::Why::all_broken
                                    : Park::Why::no_channel});
}

void Cascade::finish(Step& step, Finish::State state) {
  state_ = CascadeState::finished;
  stagger_at_.reset();
  receipt_at_.reset();
  wake_at_.reset();
  step.actions.push_back(Finish{state});
}

// One timer per message: the earliest of what is waited for.
void Cascade::arm(Step& step) {
  std::optional<ArmTimer> next;
  const auto consider = [&next](std::optional<Tick> at, ArmTimer::Why why) {
    if (at && (!next || *at < next->at)) next = ArmTimer{*at, why};
  };
  consider(stagger_at_, ArmTimer::Why::stagger);
  consider(receipt_at_, ArmTimer::Why::receipt);
  consider(wake_at_,
           state_ == CascadeState::pressed ? ArmTimer::Why::pressure : ArmTimer::Why::resend);
  if (!next || armed_ == *next) return;
  armed_ = *next;
  step.actions.push_back(*next);
}

// --- bookkeeping ---------------------------------------------------------------------------------

void Cascade::leave_current(Leg::State state) {
  leg(*current_).state = state;
  current_.reset();
  stagger_at_.reset();
}

// Whether it was the channel's latest attempt that ended. Its verdict and its end count once.
bool Cascade::end_attempt(const CascadeEvent& event) {
  Leg& ended = leg(event.channel);
  const bool latest = event.attempt != 0 && ended.attempt == event.attempt;
  const bool over = ended.state == Leg::State::faulted || ended.state == Leg::State::handed;
  if (ended.in_flight > 0 && !(latest && over)) ended.in_flight -= 1;
  return latest;
}

}  // namespace fleet::core
