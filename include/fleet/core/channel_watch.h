// Everything this node knows about one channel to one peer: its health, its round-trip times, the
// attempts that wait for an answer and whether they make it suspect (R1, R4, R5, R8). The delivery
// and probe services report what happens to attempts; nothing else changes a channel's health.
// It cancels nothing: an attempt that lost its race is judged like any other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/core/channel_health.h"
#include "fleet/core/peer_view.h"
#include "fleet/core/rto.h"
#include "fleet/core/speculation.h"
#include "fleet/model/channel_id.h"

namespace fleet::core {

using AttemptNo = std::uint64_t;  // unique within one ChannelWatch

enum class AttemptKind { normal, half_open, probe };
enum class AttemptEnd {
  answered,  // a receipt, a signed verdict, back-pressure, a hop's word: a frame came back
  faulted,
  void_,  // says nothing about the channel: shutdown, the local pool was full
};

// What the judge found: attempts whose time is up, and what that made of the channel.
struct Judgement {
  std::vector<AttemptNo> faulted{};
  Transition transition{};
};

class ChannelWatch {
 public:
  explicit ChannelWatch(ChannelId channel) : channel_(channel) {}

  // R9: every start has a number. `stagger` is PeerView::stagger of that moment.
  AttemptNo started(AttemptKind kind, Micros stagger, const Moment& moment, const Timing& timing);
  // Samples the round trip and moves the health; unknown numbers change nothing.
  Transition ended(AttemptNo no, AttemptEnd end, const Moment& moment, const Timing& timing);
  // Any valid frame over this channel: clears suspicion, hastens the next probe.
  Transition frame(const Moment& moment, const Timing& timing);
  // Reset after a long peace, hints from outside.
  Transition observe(HealthEvent event, const Moment& moment, const Timing& timing);

  // R5: which silent attempts are faults by now. Called at next_judgement(); called more than 250
  // ms later (a stalled loop, a resumed machine) it judges nobody and gives all of them new time.
  Judgement judge(const Moment& moment, const Timing& timing);
  std::optional<Tick> next_judgement() const;
  // New time for everybody who waits: this machine slept, not the peer.
  void excuse(const Moment& moment, const Timing& timing);

  bool may_start() const;  // fewer than kMaxUnanswered attempts are out
  ChannelView view(bool configured, Tick now) const;
  ChannelId channel() const { return channel_; }
  const ChannelHealth& health() const { return health_; }
  const RttEstimator& rtt() const { return rtt_; }

 private:
  struct Attempt {
    AttemptNo no;
    AttemptKind kind;
    Tick started;
    Tick verdict_at;
    bool judged;
  };
  Transition apply(HealthEvent event, const Moment& moment, const Timing& timing);
  Micros patience(const Timing& timing) const;

  ChannelId channel_;
  ChannelHealth health_;
  RttEstimator rtt_;
  Suspicion suspicion_;
  std::vector<Attempt> attempts_;
  AttemptNo last_no_ = 0;
  std::optional<Tick> last_trial_;
};

}  // namespace fleet::core
