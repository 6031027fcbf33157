// A few nodes that believe one roster, with a clock that stands still until told: what the tests of
// single slices need around them. Keys are fakes and depend on the names alone.
#pragma once

#include <algorithm>
#include <asio/post.hpp>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/event_stream.h"
#include "fleet/model/roster.h"
#include "services/peers/book.h"
#include "services/trust/membership.h"
#include "store/open.h"
#include "support/fake_crypto.h"
#include "support/toy_catalogue.h"

namespace fleet::test {

class SmallFleet {
 public:
  explicit SmallFleet(std::vector<NodeId> names) : names_(std::move(names)) {
    roster_.fleet = "testfleet";
    roster_.root_key.assign(kKeySize, 'r');
    roster_.seq = 1;
    for (const NodeId& name : names_) {
      const trust::Identity identity = identity_of(name);
      roster_.nodes.push_back({name, identity.sign->public_key(), identity.box->public_key(),
                               roster_.nodes.empty() ? NodeRole::chief : NodeRole::worker,
                               Stamp{}});
    }
  }

  trust::Membership membership(const NodeId& self) const {
    return {crypto_, identity_of(self), roster_};
  }
  const Crypto& crypto() const { return crypto_; }

 private:
  trust::Identity identity_of(const NodeId& name) const {
    return {name, crypto_.signing_key(seed(name + " signs")),
            crypto_.box_key(seed(name + " opens"))};
  }
  static Secret seed(std::string text) {
    text.resize(kKeySize, '.');
    return Secret::copy_of(text);
  }

  FakeCrypto crypto_{};
  std::vector<NodeId> names_;
  Roster roster_{};
};

// What one slice of one node stands on.
struct SliceWorld {
  asio::io_context loop{};
  toy::StillClock clock{};
  SeededRng rng{1};
  SmallFleet fleet{{"mac1", "mac2", "mac3"}};
  trust::Membership membership = fleet.membership("mac1");
  catalogue::EventStream events{clock};
  core::Timing timing{};
  peers::PeerBook book{clock, timing};

  ~SliceWorld() { clock.clear(); }

  void settle() {
    loop.restart();
    loop.poll();
  }
  // In steps, so that what waits for a second gets every second of it. Timers fire on the loop, as
  // they do in a node.
  void pass(Micros span, Micros step = Millis{500}) {
    for (Micros left = span; left.count() > 0; left -= step) {
      asio::post(loop, [this, by = std::min(left, step)] { clock.advance(by); });
      settle();
    }
  }
  std::vector<std::string> event_types() const {
    std::vector<std::string> types;
    for (const auto& event : events.since(0, {}).events) types.push_back(event.type);
    return types;
  }
};

}  // namespace fleet::test
