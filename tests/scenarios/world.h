// The world of a scenario: one peer, its channels, a virtual clock, and what the delivery service
// does with a cascade (start, arm, report back). Each verb of a script is one function. No network.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "fleet/core/cascade.h"
#include "fleet/core/channel_watch.h"

namespace fleet::core {

using Words = std::vector<std::string>;

inline constexpr Tick kStart{1'000'000'000};  // far enough from zero to have a past

class World {
 public:
  std::string run(const Words& words);

 private:
  struct Message {
    Cascade cascade;
    std::optional<Tick> armed{};
  };
  // One attempt of one message; queued while its channel has no free place.
  struct Flight {
    std::string message;
    ChannelId channel;
    unsigned attempt;
    AttemptNo no;
    AttemptKind kind;
    Tick ends;
    bool queued;
  };

  // The verbs.
  void peer(const Words& words);
  void rtt(const Words& words);
  void health(const Words& words);
  void spend(const Words& words);
  void send(const Words& words);
  void wait(const Words& words);
  void answer(const Words& words);
  void probe(const Words& words);
  void life(const Words& words);
  void settle(const Words& words);

  ChannelWatch& watch(ChannelId id) { return watches_.at(static_cast<std::size_t>(id)); }
  PeerView view() const;
  Moment moment() const { return {now_}; }
  void say(const std::string& line);

  void tell(const std::string& name, const CascadeEvent& event);
  void perform(const std::string& name, const CascadeAction& action);
  void start(const std::string& name, const StartAttempt& start);
  void took_off(Flight& flight);
  void ended(std::size_t index, AttemptEnd end);
  void free_place(ChannelId channel);
  void moved(ChannelId id, const Transition& transition);
  std::optional<Tick> next_due() const;
  void fire();
  void judge(ChannelId id);

  Tick now_ = kStart;
  Timing timing_{};
  SpeculationBudget budget_{};
  ChannelSet configured_{};
  bool silent_ = false;
  std::vector<ChannelWatch> watches_{kChannels.begin(), kChannels.end()};
  std::map<std::string, Message> messages_{};
  std::vector<Flight> flights_{};
  std::ostringstream trace_{};
};

}  // namespace fleet::core
