// The way of one message to one recipient: which channel starts when, what is waited for, when it
// is parked, when it is over (R1–R4, R7, R8, R12). step(event) → actions, and nothing else: the
// delivery service performs the actions and reports back. There is no action that stops an attempt;
// the losers of a race keep listening and are judged by ChannelWatch.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/core/peer_view.h"
#include "fleet/core/policy_numbers.h"
#include "fleet/core/routing.h"
#include "fleet/core/speculation.h"
#include "fleet/model/channel_id.h"
#include "fleet/model/message_type.h"

namespace fleet::core {

// --- what happens to it --------------------------------------------------------------------------
struct CascadeEvent {
  enum class Kind {
    begin,          // the message is on disk
    sent,           // the attempt has left, having waited for a free place
    fault,          // the channel failed, or its verdict time passed
    handed,         // a hop's word
    receipted,      // the receiver's receipt, by whatever road
    rejected,       // the receiver's signed verdict: 409, 413, 422, policy
    back_pressure,  // the receiver asks to wait
    timer,          // the armed time has come
    channel_up,     // a channel that could not be used can be (Transition::came_up)
    peer_alive,     // the peer showed life after silence
    cancelled,      // by the user
    expired,        // its ttl is over
  };
  Kind kind = Kind::begin;
  ChannelId channel = ChannelId::nats;  // all but the receipt's and the user's
  unsigned attempt = 0;                 // the number from StartAttempt, where one speaks
  Millis retry_after{0};                // with back_pressure
};
inline constexpr std::size_t kCascadeEvents = 12;

// --- what is to be done about it -----------------------------------------------------------------
struct StartAttempt {
  ChannelId channel;
  unsigned attempt;  // 1, 2, 3 … within this message
  bool speculative;  // beside one that is neither faulted nor doubted (charged by R8)
  bool half_open;    // the single trial of a broken channel
};

// Replaces the time that was armed before.
struct ArmTimer {
  enum class Why { stagger, receipt, pressure, resend };
  Tick at;
  Why why;
  bool operator==(const ArmTimer&) const = default;
};

// Stays in the outbox; its resend is armed, and life or a channel brings it back at once.
struct Park {
  enum class Why { no_channel, all_broken, exhausted };
  Why why;
};

struct Finish {
  enum class State { stored, rejected, cancelled, expired };
  State state;
};

using CascadeAction = std::variant<StartAttempt, ArmTimer, Park, Finish>;
using CascadeActions = std::vector<CascadeAction>;

// --- where it stands -----------------------------------------------------------------------------
enum class CascadeState {
  fresh,      // not begun
  running,    // something is under way
  held_back,  // a hop has it; waits for the receipt
  pressed,    // the receiver asked to wait
  parked,     // nothing left to try for the moment
  finished,
};

// The world at the moment of a step.
struct CascadeWorld {
  const PeerView& peer;
  SpeculationBudget& budget;
  const Timing& timing;
  Tick now{};
  double jitter = 0.5;  // uniform in [0, 1)
};

class Cascade {
 public:
  // `via`: the user named the one channel to use.
  explicit Cascade(MessageType type, std::optional<ChannelId> via = std::nullopt)
      : type_(type), via_(via) {}

  CascadeActions step(const CascadeEvent& event, const CascadeWorld& world);

  CascadeState state() const { return state_; }
  MessageType type() const { return type_; }
  unsigned passes() const { return passes_; }  // ended by parking
  unsigned attempts() const { return attempts_; }

 private:
  // What has become of one channel in this pass.
  struct Leg {
    enum class State { untried, waiting, overdue, faulted, handed };
    State state = State::untried;
    unsigned tries = 0;      // in this pass
    unsigned in_flight = 0;  // attempts without an end, of earlier passes too
    unsigned attempt = 0;    // the latest
    Tick started{};
    bool queued = false;   // started while the channel had no free place
    bool doubted = false;  // when it started; moving on from it is not charged
  };
  struct Step;  // one step under way: the world, and the actions so far
  enum class Trial { no, half_open };

  Leg& leg(ChannelId id) { return legs_.at(static_cast<std::size_t>(id)); }
  const Leg& leg(ChannelId id) const { return legs_.at(static_cast<std::size_t>(id)); }

  void handle(Step& step, const CascadeEvent& event);
  void on_sent(Step& step, const CascadeEvent& event);
  void on_fault(Step& step, const CascadeEvent& event);
  void on_handed(Step& step, const CascadeEvent& event);
  void on_back_pressure(Step& step, const CascadeEvent& event);
  void on_timer(Step& step);
  void on_channel_up(Step& step, ChannelId id);
  void on_peer_alive(Step& step);

  void begin_pass(Step& step);
  void wake_silent_peer(Step& step);
  void move_on(Step& step);
  void overdue(Step& step);
  void receipt_overdue(Step& step);
  bool waits_for_a_place(const Step& step) const;
  bool must_be_charged(const Step& step) const;
  void start(Step& step, ChannelId id, Trial trial);
  void launch(Step& step, ChannelId id, Trial trial);
  void park(Step& step);
  void finish(Step& step, Finish::State state);
  void arm(Step& step);
  void leave_current(Leg::State state);
  bool end_attempt(const CascadeEvent& event);
  bool active() const;
  bool in_flight() const;

  ChannelSet roads(Phase phase, const PeerView& peer) const;
  std::optional<ChannelId> next_candidate(const PeerView& peer) const;
  std::optional<ChannelId> untried(Phase phase, const PeerView& peer) const;
  std::optional<ChannelId> last_resort(HealthState health, const PeerView& peer) const;
  bool held_off(ChannelId id) const;
  Micros resend_latency(const CascadeWorld& world) const;

  MessageType type_;
  std::optional<ChannelId> via_;
  CascadeState state_ = CascadeState::fresh;
  std::array<Leg, kChannelCount> legs_{};
  unsigned attempts_ = 0;
  unsigned passes_ = 0;
  std::optional<ChannelId> current_;    // the start whose d is running
  std::optional<ChannelId> handed_to_;  // the hop that took it last
  std::optional<Tick> stagger_at_;      // end of that d
  std::optional<Tick> receipt_at_;      // R7: until then weak candidates are held back
  std::optional<Tick> wake_at_;         // end of back-pressure, or the resend
  std::optional<ArmTimer> armed_;
};

// Every change of state that step may make, whatever the event; a contract test walks the table.
struct CascadeEdge {
  CascadeState from;
  CascadeState to;
};
inline constexpr std::array<CascadeEdge, 18> kCascadeEdges{{
    {CascadeState::fresh, CascadeState::running},
    {CascadeState::fresh, CascadeState::parked},
    {CascadeState::fresh, CascadeState::finished},
    {CascadeState::running, CascadeState::held_back},
    {CascadeState::running, CascadeState::pressed},
    {CascadeState::running, CascadeState::parked},
    {CascadeState::running, CascadeState::finished},
    {CascadeState::held_back, CascadeState::running},
    {CascadeState::held_back, CascadeState::pressed},
    {CascadeState::held_back, CascadeState::parked},
    {CascadeState::held_back, CascadeState::finished},
    {CascadeState::pressed, CascadeState::running},
    {CascadeState::pressed, CascadeState::parked},
    {CascadeState::pressed, CascadeState::finished},
    {CascadeState::parked, CascadeState::running},
    {CascadeState::parked, CascadeState::held_back},
    {CascadeState::parked, CascadeState::pressed},
    {CascadeState::parked, CascadeState::finished},
}};

std::string_view to_string(CascadeState state);
std::string_view to_string(CascadeEvent::Kind kind);
std::string_view to_string(ArmTimer::Why why);
std::string_view to_string(Park::Why why);
std::string_view to_string(Finish::State state);

}  // namespace fleet::core
