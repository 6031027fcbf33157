#include "services/peers/service.h"

#include <nlohmann/json.hpp>

namespace fleet::peers {
namespace {

constexpr Seconds kTick{1};

}  // namespace

PeersService::PeersService(Needs needs) : needs_(std::move(needs)) {
  needs_.book.watch(
      [this](const NodeId& peer, const core::LifeTransition& change) { tell(peer, change); });
}

void PeersService::tell(const NodeId& peer, const core::LifeTransition& change) {
  if (change.changed()) {
    const std::string presence(to_string(change.liveness.presence));
    needs_.events.publish("peer." + presence, {{"peer", peer}, {"was", to_string(change.from)}});
  }
  if (change.restarted) needs_.events.publish("peer.restarted", {{"peer", peer}});
}

Task<void> PeersService::run() {
  while (!stopping_) {
    needs_.book.tick();
    const Tick next = needs_.clock.now() + Micros(kTick);
    co_await stop_.wait_until(needs_.clock, next);
  }
}

void PeersService::stop() {
  stopping_ = true;
  stop_.notify();
}

}  // namespace fleet::peers
