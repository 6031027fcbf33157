// The acts of the demo, in order. Each says what it does, does it for real, measures it, and
// refuses where the fleet did not do what it promises. Used by demo.cpp only.
#pragma once

#include <optional>

#include "app/demo_fleet.h"
#include "app/demo_stage.h"
#include "app/demo_traffic.h"

namespace fleet::app {

// What was measured on the way; -1 where an act was left out.
struct DemoTimes {
  double stored_ms = -1;    // median, accepted to stored, quiet fleet
  double fallback_ms = -1;  // slowest first message of a direction after NATS died
  double back_s = -1;       // NATS up again until every direction uses it
  double delivered_s = -1;  // receiver started again until everything parked is stored
};

class DemoPlay {
 public:
  DemoPlay(DemoFleet& fleet, DemoTraffic& traffic, DemoStage& stage, io::Clock& clock)
      : fleet_(fleet), traffic_(traffic), stage_(stage), clock_(clock) {}

  Result<void> pair();
  Result<void> talk();
  Result<void> lose_nats();
  Result<void> nats_returns();
  Result<void> lose_receiver();
  Result<void> receiver_returns();
  Result<void> tell_one_story();

  const DemoTimes& times() const { return times_; }

 private:
  Result<void> meet();
  Result<void> show_directions(const std::vector<DemoLetter>& letters);
  Result<void> show_roads(const std::string& words, const std::vector<DemoLetter>& letters);
  Result<void> show_channels();
  struct Fate {
    std::size_t stored = 0, waiting = 0, parked = 0;
  };
  Result<Fate> fates();
  Result<void> show_fate(const Fate& fate);
  Result<nlohmann::json> best_story();
  Result<bool> all_stored(const std::vector<DemoLetter>& letters);
  double seconds_since(Tick start) const;

  DemoFleet& fleet_;
  DemoTraffic& traffic_;
  DemoStage& stage_;
  io::Clock& clock_;
  DemoTimes times_{};
  std::vector<DemoLetter> to_the_dead_{};  // sent while the receiver was away
};

}  // namespace fleet::app
