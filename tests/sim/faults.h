// What goes wrong in one world. Each seed draws its own mix: some know bad networks only, some
// dying machines, some everything at once. heal() ends all of it.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "sim/oracle.h"
#include "sim/sim_network.h"
#include "sim/sim_node.h"

namespace fleet::sim {

class Faults {
 public:
  using Nodes = std::map<NodeId, std::unique_ptr<SimNode>>;
  Faults(World& world, SimNetwork& network, Nodes& nodes, Oracle& oracle);

  void start(Micros span);
  void heal();

 private:
  void weather();
  void incident();
  void repeat(double probability, unsigned most, Micros span, void (Faults::*what)());
  void undo_after(Micros wait, std::function<void()> undo);
  SimNode& draw_node();
  Link& draw_link();

  // The incidents.
  void kill();
  void power_off();
  void fall_asleep();
  void restore();
  void cut_link();
  void isolate();
  void clog();
  void nats_down();
  void sync_error();
  void io_error();
  void disk_full();
  void slow_disk();
  void clock_jump();

  World& world_;
  SimNetwork& network_;
  Nodes& nodes_;
  Oracle& oracle_;
  SeededRng rng_;
  bool over_ = false;
};

}  // namespace fleet::sim
