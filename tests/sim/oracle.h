// What must hold in every simulated world, whatever goes wrong in it: nothing accepted is lost,
// nothing is claimed stored that its receiver does not hold on disk, nothing is shown twice, no
// rank falls. It watches events and looks into the nodes' databases; it never trusts their memory.
// What a backup did not have is forgiven to the machine that was restored from it, and to nobody
// else.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalogue/event_stream.h"
#include "fleet/model/rank.h"
#include "services/inbox/types.h"
#include "sim/sim_node.h"

namespace fleet::sim {

class Oracle {
 public:
  Oracle(World& world, const std::map<NodeId, std::unique_ptr<SimNode>>& nodes)
      : world_(world), nodes_(nodes) {}

  // A 202 (or the ids of one to several).
  void accepted(SimNode& at, const std::string& id);
  void acked(SimNode& at, const std::string& id);
  // A page of the inbox, read with the cursor of the page before.
  void presented(SimNode& at, const std::vector<inbox::InboxItem>& page);
  // What a session put before its model.
  void shown(SimNode& at, const std::string& session, const std::string& text);
  void observed(SimNode& at, const catalogue::StreamEvent& event);
  void started(SimNode& at);
  void restored(const NodeId& node) { just_restored_.insert(node); }

  bool was_restored(const NodeId& node) const {
    return ever_restored_.contains(node) || just_restored_.contains(node);
  }

  // After the liveness phase: everything is up and nothing is under way.
  void judge();

  std::size_t messages() const { return sent_.size(); }
  std::size_t stored() const { return stored_; }

 private:
  struct Sent {
    NodeId from{};
    NodeId to{};
    Rank rank = Rank::accepted;  // as published, hence committed
    bool lost = false;           // with the sender's disk
    bool forgiven = false;       // stored, and lost with the receiver's disk
    bool acked = false;
  };

  void settled_at_sender(SimNode& at, const std::string& id, Rank rank);
  void seen_here(SimNode& at, const std::string& id);
  bool holds(const NodeId& node, const std::string& id) const;
  void forgive(SimNode& at);
  void judge_row(const std::string& id, const Sent& sent);
  void judge_refusal(const std::string& id, const Sent& sent);
  void judge_inbox(SimNode& at);
  void judge_streams(SimNode& at);
  void violate(const std::string& what, const std::string& id);
  store::Connection* disk_of(const NodeId& node) const;

  World& world_;
  const std::map<NodeId, std::unique_ptr<SimNode>>& nodes_;
  std::map<std::string, Sent> sent_{};
  std::map<NodeId, std::set<std::string>> durable_{};  // seen in the receiver's database
  std::map<NodeId, std::map<std::string, std::string>> positions_{};  // by id, as presented
  std::map<NodeId, std::set<std::string>> shown_{};                   // id, or id and session
  std::set<NodeId> just_restored_{};
  std::set<NodeId> ever_restored_{};
  std::size_t stored_ = 0;
};

}  // namespace fleet::sim
