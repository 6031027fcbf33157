// Two whole spines on one loop and one still clock, joined by a road that does what the test says.
// For the sentences that a reader wants to see one by one; storms are the simulator's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/spawn.h"
#include "services/spine.h"
#include "support/small_fleet.h"

namespace fleet::test {

struct Node;

// HTTP towards the other node: its exchange is called directly.
struct DirectRoad final : channels::Channel {
  Node* there = nullptr;
  bool cut = false;         // connection refused
  bool lose_reply = false;  // the frame arrives, the answer does not
  int sent = 0;
  std::vector<std::string> frames{};

  ChannelId id() const override { return ChannelId::http; }
  channels::Readiness ready(const channels::PeerRoute&) const override { return {}; }
  Task<channels::SendOutcome> send(std::string frame, channels::PeerRoute route, Deadline) override;
};

struct Node {
  Node(SliceWorld& world, const NodeId& name, Epoch number)
      : membership(world.fleet.membership(name)),
        db(store::open_inline(":memory:", world.loop.get_executor(), Spine::migrations())),
        events(world.clock),
        spine(needs(world, number)) {
    if (!run(world, spine.open())) throw std::runtime_error("the spine does not open");
  }

  Spine::Needs needs(SliceWorld& world, Epoch number) {
    auto direct = std::make_unique<DirectRoad>();
    road = direct.get();
    std::vector<std::unique_ptr<channels::Channel>> channels;
    channels.push_back(std::move(direct));
    return {.loop = world.loop.get_executor(),
            .clock = world.clock,
            .rng = world.rng,
            .db = *db,
            .crypto = world.fleet.crypto(),
            .events = events,
            .membership = membership,
            .policy = policy,
            .hop_seals = [](const NodeId&) { return nullptr; },
            .channels = std::move(channels),
            .timing = world.timing,
            .epoch = number};
  }

  // Runs it to its end; the loop must be able to without time passing.
  template <class T>
  static T run(SliceWorld& world, Task<T> task) {
    std::optional<T> result;
    io::spawn(world.loop.get_executor(), keep(std::move(task), result), "test");
    world.settle();
    if (!result) throw std::runtime_error("the operation still waits");
    return std::move(*result);
  }
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
  }

  std::string send(SliceWorld& world, const NodeId& to, const std::string& body,
                   const std::string& key = "") {
    delivery::SendRequest request;
    request.to = to;
    request.body = body;
    catalogue::Caller caller;
    caller.idempotency_key = key;
    return run(world, spine.delivery.send(request, caller)).value().id.value();
  }
  std::string state(SliceWorld& world, const std::string& id) {
    return run(world, spine.delivery.message({id}, {})).value().state;
  }
  std::vector<std::string> bodies(SliceWorld& world) {
    std::vector<std::string> all;
    for (const auto& item : run(world, spine.inbox.list({}, {})).value().messages) {
      all.push_back(item.body);
    }
    return all;
  }

  trust::Membership membership;
  trust::Policy policy{};
  std::unique_ptr<store::Database> db;
  catalogue::EventStream events;
  DirectRoad* road = nullptr;
  Spine spine;
};

inline Task<channels::SendOutcome> DirectRoad::send(std::string frame, channels::PeerRoute route,
                                                    Deadline) {
  ++sent;
  channels::SendOutcome outcome;
  outcome.outcome = {OutcomeKind::fault, "connection refused", Millis{0}};
  frames.push_back(frame);
  if (cut || there == nullptr) co_return outcome;
  NodeId from = route.self;
  Result<std::string> reply =
      co_await there->spine.exchange.receive(std::move(from), ChannelId::http, std::move(frame));
  if (lose_reply || !reply) co_return outcome;
  outcome.outcome = {OutcomeKind::receipted, "", Millis{0}};
  outcome.reply = std::move(*reply);
  outcome.proved = true;
  co_return outcome;
}

struct TwoNodes {
  TwoNodes() {
    a.road->there = &b;
    b.road->there = &a;
  }
  SliceWorld world{};
  Node a{world, "mac1", 11};
  Node b{world, "mac2", 22};
};

}  // namespace fleet::test
