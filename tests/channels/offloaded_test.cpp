#include "channels/offloaded.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <optional>

#include "io/timer_heap.h"

namespace fleet::channels {
namespace {

// Stands still until it is told.
class StillClock final : public io::Clock {
 public:
  Tick now() const override { return {now_us_}; }
  Stamp stamp() const override { return {}; }
  TimerId call_at(Tick at, std::function<void()> what) override {
    return heap_.arm(at, std::move(what));
  }
  void cancel(TimerId id) override { heap_.cancel(id); }
  void advance(Micros span) {
    now_us_ += span.count();
    while (auto due = heap_.take_due(now())) (*due)();
  }

 private:
  io::TimerHeap heap_;
  std::atomic<std::int64_t> now_us_{0};
};

// Does what the test says, and keeps what it was asked.
class RecordingLeaf final : public Leaf {
 public:
  ChannelId id() const override { return ChannelId::http; }
  Readiness ready(const PeerRoute&) const override { return {}; }
  SendOutcome send(const std::string& frame, const PeerRoute& route, Millis budget) override {
    frame_ = frame;
    peer_ = route.peer;
    budget_ = budget;
    return act();
  }

  std::function<SendOutcome()> act = [] {
    SendOutcome outcome;
    outcome.outcome.kind = OutcomeKind::receipted;
    return outcome;
  };
  std::string frame_;
  NodeId peer_;
  Millis budget_{0};
};

Task<void> send_and_keep(Channel& channel, Deadline deadline, std::optional<SendOutcome>& kept) {
  PeerRoute route;
  route.peer = "mac2";
  std::string frame = "frame";
  SendOutcome outcome = co_await channel.send(std::move(frame), std::move(route), deadline);
  kept = std::move(outcome);
}

// Holds a leaf inside its send() until the test opens it. Declared before the World that uses it.
class Gate {
 public:
  SendOutcome hold() {
    entered_.count_down();
    gate_.wait();
    return {};
  }
  void wait_until_held() { entered_.wait(); }
  void open() { open_.set_value(); }

 private:
  std::latch entered_{1};
  std::promise<void> open_;
  std::shared_future<void> gate_ = open_.get_future().share();
};

struct World {
  asio::io_context loop;
  StillClock clock;
  io::Offload pool{loop.get_executor(), {.threads = 2, .per_lane = 1}};
  std::shared_ptr<RecordingLeaf> leaf = std::make_shared<RecordingLeaf>();
  Offloaded channel{leaf, pool, clock};

  void send(Millis within, std::optional<SendOutcome>& kept) {
    const Deadline deadline{clock.now() + within};
    asio::co_spawn(loop, send_and_keep(channel, deadline, kept), asio::detached);
    loop.poll();
  }
  // Until the leaf's outcome is in.
  void finish() {
    loop.restart();
    loop.run();
  }
  void turn() {
    loop.restart();
    loop.poll();
  }
};

TEST(Offloaded, hands_the_leaf_its_frame_and_the_time_that_is_left) {
  World world;
  std::optional<SendOutcome> kept;
  world.send(Millis{5'000}, kept);
  world.finish();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->outcome.kind, OutcomeKind::receipted);
  EXPECT_EQ(world.leaf->frame_, "frame");
  EXPECT_EQ(world.leaf->peer_, "mac2");
  EXPECT_EQ(world.leaf->budget_, Millis{5'000});
}

TEST(Offloaded, a_leaf_that_overruns_its_deadline_by_a_second_timed_out) {
  Gate gate;
  World world;
  world.leaf->act = [&gate] { return gate.hold(); };
  std::optional<SendOutcome> kept;
  world.send(Millis{3'000}, kept);
  gate.wait_until_held();
  world.clock.advance(Millis{3'999});
  world.turn();
  EXPECT_FALSE(kept);
  world.clock.advance(Millis{1});
  world.turn();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->outcome.kind, OutcomeKind::fault);
  EXPECT_EQ(kept->outcome.detail, "timed out");
  gate.open();  // the late result goes nowhere
  world.pool.stop();
  world.turn();
}

TEST(Offloaded, a_leaf_that_throws_is_a_fault_of_its_channel) {
  World world;
  world.leaf->act = []() -> SendOutcome { throw std::runtime_error("no sockets left"); };
  std::optional<SendOutcome> kept;
  world.send(Millis{3'000}, kept);
  world.finish();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->outcome.kind, OutcomeKind::fault);
  EXPECT_EQ(kept->outcome.detail, "no sockets left");
}

TEST(Offloaded, waiting_for_a_thread_is_never_charged_to_the_channel) {
  Gate gate;
  World world;
  world.leaf->act = [&gate] { return gate.hold(); };
  std::optional<SendOutcome> first;
  std::optional<SendOutcome> second;
  world.send(Millis{3'000}, first);
  gate.wait_until_held();
  world.send(Millis{3'000}, second);
  world.clock.advance(Millis{4'000});
  world.turn();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->outcome.kind, OutcomeKind::back_pressure);
  EXPECT_EQ(first->outcome.detail, "timed out");
  gate.open();
}

TEST(Offloaded, a_job_that_starts_too_late_for_a_verdict_is_not_tried) {
  Gate gate;
  World world;
  int calls = 0;
  world.leaf->act = [&gate, &calls] {
    ++calls;
    return gate.hold();
  };
  std::optional<SendOutcome> first;
  std::optional<SendOutcome> second;
  world.send(Millis{9'000}, first);
  gate.wait_until_held();
  world.send(Millis{3'000}, second);
  world.clock.advance(Millis{2'500});
  gate.open();
  world.finish();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(second->outcome.kind, OutcomeKind::back_pressure);
  EXPECT_EQ(second->queued, Micros{2'500'000});
}

TEST(Offloaded, what_waits_at_the_end_of_the_program_is_freed) {
  Gate gate;
  auto world = std::make_unique<World>();
  world->leaf->act = [&gate] { return gate.hold(); };
  std::optional<SendOutcome> kept;
  world->send(Millis{3'000}, kept);
  gate.wait_until_held();
  gate.open();
  world->pool.stop();
  world.reset();  // the leak checker looks here
  EXPECT_FALSE(kept);
}

}  // namespace
}  // namespace fleet::channels
