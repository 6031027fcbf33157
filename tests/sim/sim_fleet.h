// A whole fleet in one test: nodes, network, faults, people and the oracle, driven by one loop on
// one virtual clock. run() plays a seed from its first message to its judgement: a safety phase
// with faults, then everything heals and everything must come to rest.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/cast.h"
#include "sim/faults.h"
#include "sim/oracle.h"
#include "sim/sim_network.h"
#include "sim/sim_node.h"
#include "sim/sim_session.h"
#include "sim/workload.h"
#include "sim/world.h"

namespace fleet::sim {

struct Plan {
  std::size_t nodes = 0;  // 0: 3 to 5, as the seed says
  std::size_t sends = 32;
  Micros span{0};  // of the safety phase; 0: 1 to 4 minutes
  bool faults = true;
};

struct Verdict {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::size_t messages = 0;
  std::size_t stored = 0;
  Micros lasted{0};  // virtual
  std::vector<std::string> violations{};
};

class SimFleet {
 public:
  SimFleet(std::uint64_t seed, Plan plan);
  ~SimFleet();
  Verdict run();

  // For tests that tell their own story.
  SimNode& node(std::size_t i) { return *nodes_.at("n" + std::to_string(i)); }
  World& world() { return world_; }
  SimNetwork& network() { return network_; }
  Oracle& oracle() { return oracle_; }
  void boot_all();
  // Plays until `done` or for `span`; asks after every moment in which something happened.
  bool play(
      Micros span, const std::function<bool()>& done = [] { return false; });
  bool at_rest();

 private:
  static std::size_t size_of(std::uint64_t seed, const Plan& plan);
  void live_through_faults();
  void come_to_rest();
  void end();
  void settle();
  void listen(SimNode& node);
  std::optional<Tick> next() const;

  Plan plan_;
  World world_;
  SeededRng rng_;
  Cast cast_;
  SimNetwork network_;
  std::map<NodeId, std::unique_ptr<SimNode>> nodes_{};
  Oracle oracle_;
  Workload workload_;
  std::vector<std::unique_ptr<SimSessions>> sessions_{};
  Faults faults_;
};

}  // namespace fleet::sim
