#include "fleet/core/channel_watch.h"

#include <algorithm>

namespace fleet::core {

AttemptNo ChannelWatch::started(AttemptKind kind, Micros stagger, const Moment& moment,
                                const Timing& timing) {
  attempts_.push_back({++last_no_, kind, moment.now, moment.now + patience(timing), false});
  suspicion_.attempt_started(moment.now, stagger);
  if (kind == AttemptKind::half_open) last_trial_ = moment.now;
  if (kind != AttemptKind::normal) apply(HealthEvent::probe_sent, moment, timing);
  return last_no_;
}

Transition ChannelWatch::ended(AttemptNo no, AttemptEnd end, const Moment& moment,
                               const Timing& timing) {
  const auto known = std::find_if(attempts_.begin(), attempts_.end(),
                                  [no](const Attempt& each) { return each.no == no; });
  if (known == attempts_.end()) return {health_, health_.state};
  const Attempt attempt = *known;
  attempts_.erase(known);
  switch (end) {
    case AttemptEnd::answered:
      rtt_.sample(moment.now - attempt.started);
      suspicion_.frame();
      return apply(attempt.judged ? HealthEvent::slow : HealthEvent::ok, moment, timing);
    case AttemptEnd::faulted:
      if (!attempt.judged) return apply(HealthEvent::fault, moment, timing);
      break;
    case AttemptEnd::void_:
      break;
  }
  return {health_, health_.state};
}

Transition ChannelWatch::frame(const Moment& moment, const Timing& timing) {
  suspicion_.frame();
  return apply(HealthEvent::hint, moment, timing);
}

Transition ChannelWatch::observe(HealthEvent event, const Moment& moment, const Timing& timing) {
  return apply(event, moment, timing);
}

Judgement ChannelWatch::judge(const Moment& moment, const Timing& timing) {
  Judgement judgement{{}, {health_, health_.state}};
  const auto due = next_judgement();
  if (!due || *due > moment.now) return judgement;
  if (moment.now - *due > kStall) {
    excuse(moment, timing);
    return judgement;
  }
  for (Attempt& attempt : attempts_) {
    if (attempt.judged || attempt.verdict_at > moment.now) continue;
    attempt.judged = true;
    judgement.faulted.push_back(attempt.no);
  }
  if (!judgement.faulted.empty()) {
    judgement.transition = apply(HealthEvent::fault, moment, timing);
  }
  return judgement;
}

std::optional<Tick> ChannelWatch::next_judgement() const {
  std::optional<Tick> next;
  for (const Attempt& attempt : attempts_) {
    if (!attempt.judged) next = std::min(next.value_or(attempt.verdict_at), attempt.verdict_at);
  }
  return next;
}

void ChannelWatch::excuse(const Moment& moment, const Timing& timing) {
  for (Attempt& attempt : attempts_) {
    if (!attempt.judged) attempt.verdict_at = moment.now + patience(timing);
  }
}

bool ChannelWatch::may_start() const { return attempts_.size() < kMaxUnanswered; }

ChannelView ChannelWatch::view(bool configured, Tick now) const {
  const bool single = std::none_of(attempts_.begin(), attempts_.end(), [](const Attempt& each) {
    return each.kind == AttemptKind::half_open;
  });
  const bool rested = !last_trial_ || now - *last_trial_ >= kTrialSpacing;
  return {.configured = configured,
          .health = health_.state,
          .full = !may_start(),
          .suspect = suspicion_.suspect(now),
          .trial_open = single && rested && may_start(),
          .srtt = rtt_.srtt(),
          .rto = rtt_.rto()};
}

Transition ChannelWatch::apply(HealthEvent event, const Moment& moment, const Timing& timing) {
  const Transition transition = after(health_, event, moment, timing);
  health_ = transition.health;
  return transition;
}

Micros ChannelWatch::patience(const Timing& timing) const {
  return verdict_after(channel_, rtt_.rto(), timing);
}

}  // namespace fleet::core
