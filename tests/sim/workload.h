// People, programs and sessions at every node: they send messages of all types to one, to several
// and to themselves, repeat calls, read their inbox page by page and acknowledge what they read.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/oracle.h"
#include "sim/sim_node.h"

namespace fleet::sim {

class Workload {
 public:
  using Nodes = std::map<NodeId, std::unique_ptr<SimNode>>;
  Workload(World& world, Nodes& nodes, Oracle& oracle);

  // Spreads the sends over the time, and reads all along.
  void start(std::size_t sends, Micros span);
  void stop_reading() { reading_ = false; }
  bool read_everything() const;
  std::uint64_t sends() const { return sends_; }

 private:
  void send_one();
  void read_soon(const NodeId& at);
  delivery::SendRequest draw_request();
  SimNode* draw_node();
  Task<void> send(SimNode* from, delivery::SendRequest request, std::string key);
  void sent(SimNode& from, const std::string& key, const Result<delivery::SendReply>& reply);
  Task<void> read(SimNode* at);
  Task<void> ack(SimNode* at, std::string id);

  World& world_;
  Nodes& nodes_;
  Oracle& oracle_;
  SeededRng rng_;
  std::uint64_t sends_ = 0;
  std::map<std::string, std::string> named_{};  // idempotency key → what it was answered
  std::map<NodeId, std::string> cursors_{};
  std::map<NodeId, std::uint64_t> restores_{};
  bool reading_ = true;
};

}  // namespace fleet::sim
