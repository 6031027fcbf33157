#include "services/peers/book.h"

#include <algorithm>

namespace fleet::peers {
namespace {

constexpr std::size_t kMaxLearnt = 8;     // per peer and channel; the oldest goes
constexpr std::size_t kMaxUdpLearnt = 2;  // per peer: every address gets every heartbeat

bool holds(const std::vector<std::string>& list, const std::string& address) {
  return std::find(list.begin(), list.end(), address) != list.end();
}

}  // namespace

void PeerBook::configure(const NodeId& peer, Addresses addresses) {
  records_[peer].configured = std::move(addresses);
  ++generation_;
}

void PeerBook::learn(const NodeId& peer, ChannelId channel, const std::string& address) {
  PeerRecord& record = records_[peer];
  if (holds(addresses(peer, channel), address)) return;
  auto& learnt = record.learnt[channel];
  if (learnt.size() >= kMaxLearnt) learnt.erase(learnt.begin());
  learnt.push_back(address);
  ++generation_;
}

void PeerBook::configure_udp(const NodeId& peer, std::vector<std::string> addresses) {
  records_[peer].udp = std::move(addresses);
}

void PeerBook::learn_udp(const NodeId& peer, const std::string& address) {
  if (holds(udp_addresses(peer), address)) return;
  auto& learnt = records_[peer].udp_learnt;
  if (learnt.size() >= kMaxUdpLearnt) learnt.erase(learnt.begin());
  learnt.push_back(address);
}

void PeerBook::forget(const NodeId& peer) {
  records_.erase(peer);
  ++generation_;
}

std::vector<std::string> PeerBook::addresses(const NodeId& peer, ChannelId channel) const {
  std::vector<std::string> all;
  const PeerRecord* record = find(peer);
  if (record == nullptr) return all;
  for (const Addresses* source : {&record->configured, &record->learnt}) {
    if (const auto found = source->find(channel); found != source->end()) {
      all.insert(all.end(), found->second.begin(), found->second.end());
    }
  }
  return all;
}

std::vector<std::string> PeerBook::udp_addresses(const NodeId& peer) const {
  const PeerRecord* record = find(peer);
  if (record == nullptr) return {};
  std::vector<std::string> all = record->udp;
  all.insert(all.end(), record->udp_learnt.begin(), record->udp_learnt.end());
  return all;
}

const PeerRecord* PeerBook::find(const NodeId& peer) const {
  const auto found = records_.find(peer);
  return found == records_.end() ? nullptr : &found->second;
}

void PeerBook::life(const NodeId& peer, std::uint64_t boot) {
  PeerRecord& record = records_[peer];
  record.last_seen = clock_.stamp();
  apply(peer, core::after_life(record.liveness, boot, clock_.now()));
}

void PeerBook::tick() {
  for (const auto& [peer, record] : records_) {
    apply(peer, core::after_tick(record.liveness, clock_.now(), timing_));
  }
}

void PeerBook::apply(const NodeId& peer, const core::LifeTransition& change) {
  records_[peer].liveness = change.liveness;
  if (!change.changed() && !change.restarted) return;
  for (const Watcher& watcher : watchers_) watcher(peer, change);
}

bool PeerBook::silent(const NodeId& peer) const {
  const PeerRecord* record = find(peer);
  return record != nullptr && record->liveness.presence == core::Presence::silent;
}

}  // namespace fleet::peers
