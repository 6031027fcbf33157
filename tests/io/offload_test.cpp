#include "io/offload.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <future>
#include <latch>
#include <thread>

namespace fleet::io {
namespace {

Task<void> add_on_pool(Offload& pool, int& sum, std::thread::id& resumed_on) {
  auto job = [] { return 40 + 2; };
  sum = co_await pool.run("sum", std::move(job));
  resumed_on = std::this_thread::get_id();
}

TEST(Offload, a_coroutine_gets_the_result_back_on_the_loop) {
  asio::io_context loop;
  Offload pool(loop.get_executor());
  int sum = 0;
  std::thread::id resumed_on;
  asio::co_spawn(loop, add_on_pool(pool, sum, resumed_on), asio::detached);
  loop.run();
  EXPECT_EQ(sum, 42);
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

void throw_on_pool() { throw std::out_of_range("from the pool"); }

Task<void> catch_from_pool(Offload& pool, std::string& caught) {
  try {
    co_await pool.run("throw", &throw_on_pool);
  } catch (const std::exception& fault) {
    caught = fault.what();
  }
}

TEST(Offload, an_exception_reaches_the_coroutine) {
  asio::io_context loop;
  Offload pool(loop.get_executor());
  std::string caught;
  asio::co_spawn(loop, catch_from_pool(pool, caught), asio::detached);
  loop.run();
  EXPECT_EQ(caught, "from the pool");
}

TEST(Offload, a_full_lane_leaves_the_other_lanes_their_threads) {
  asio::io_context loop;
  Offload pool(loop.get_executor(), {.threads = 4, .per_lane = 2});
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::latch two(2);
  std::latch all(5);
  for (int i = 0; i < 5; ++i) {
    pool.submit("dead", [&, gate, i] {
      if (i < 2) two.count_down();
      gate.wait();
      all.count_down();
    });
  }
  two.wait();
  std::promise<void> other;
  pool.submit("live", [&other] { other.set_value(); });
  other.get_future().wait();  // would hang where the dead lane had every thread
  EXPECT_EQ(pool.load().waiting, 3U);
  open.set_value();
  all.wait();
}

TEST(Offload, a_job_that_waits_can_be_taken_back) {
  asio::io_context loop;
  Offload pool(loop.get_executor(), {.threads = 1, .per_lane = 1});
  std::promise<void> open;
  std::latch running(1);
  const std::shared_future<void> gate = open.get_future().share();
  const auto first = pool.submit("x", [&running, gate] {
    running.count_down();
    gate.wait();
  });
  running.wait();
  bool ran = false;
  const auto second = pool.submit("x", [&ran] { ran = true; });
  EXPECT_TRUE(pool.cancel(second));
  EXPECT_FALSE(pool.cancel(first));
  open.set_value();
  pool.stop();
  EXPECT_FALSE(ran);
}

TEST(Offload, a_full_queue_says_no) {
  asio::io_context loop;
  Offload pool(loop.get_executor(), {.threads = 1, .per_lane = 1, .queue = 1});
  std::promise<void> open;
  std::latch running(1);
  const std::shared_future<void> gate = open.get_future().share();
  pool.submit("x", [&running, gate] {
    running.count_down();
    gate.wait();
  });
  running.wait();
  EXPECT_NE(pool.submit("x", [] {}), 0U);
  EXPECT_EQ(pool.submit("x", [] {}), 0U);
  open.set_value();
}

TEST(Offload, stop_waits_for_what_runs_and_tells_what_does_not) {
  asio::io_context loop;
  Offload pool(loop.get_executor(), {.threads = 1, .per_lane = 1});
  std::promise<void> open;
  std::latch running(1);
  const std::shared_future<void> gate = open.get_future().share();
  pool.submit("x", [&running, gate] {
    running.count_down();
    gate.wait();
  });
  running.wait();
  std::string caught;
  asio::co_spawn(loop, catch_from_pool(pool, caught), asio::detached);
  loop.poll();
  open.set_value();
  pool.stop();
  loop.run();
  // The job either ran before stop() or was dropped by it; either way its coroutine heard of it.
  EXPECT_FALSE(caught.empty());
  EXPECT_EQ(pool.submit("x", [] {}), 0U);
}

}  // namespace
}  // namespace fleet::io
