// The thread pool: where blocking work runs, so that the loop never waits. Jobs are named by lane
// (a channel, "dns", …), and a lane has a bounded share of the threads: what hangs in one lane
// starves no other. It decides nothing about results; the trunk uses run(), channels/offloaded.h
// uses submit(). Besides the store's writer these are the program's only threads of its own.
#pragma once

#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "io/task.h"

namespace fleet::io {

struct OffloadLimits {
  std::size_t threads = 16;  // started when first needed
  std::size_t per_lane = 6;  // jobs of one lane that run at once (spec: delivery §4)
  std::size_t queue = 512;   // jobs that wait, all lanes together
};

// The pool is stopping or its queue is full: nothing was run.
struct OffloadRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Offload {
 public:
  using Ticket = std::uint64_t;  // never 0

  explicit Offload(Executor loop, OffloadLimits limits = {});
  ~Offload();  // stop()
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;

  // Runs fn on a pool thread and resumes on the loop with its result or its exception.
  // OffloadRefused where it cannot be queued. fn's result must be default constructible.
  template <class F, class T = std::invoke_result_t<F>>
  Task<T> run(std::string lane, F fn);

  // The bare form, from any thread: 0 where the queue is full or the pool stops. The job must not
  // throw.
  Ticket submit(std::string lane, std::function<void()> job);
  // True where the job had not started: it never will.
  bool cancel(Ticket ticket);

  // Takes nothing more, drops what has not started (its coroutines resume with OffloadRefused),
  // waits for what runs. Completions already posted still need the loop.
  void stop();

  Executor loop() const { return loop_; }
  struct Load {
    std::size_t running = 0;
    std::size_t waiting = 0;
  };
  Load load() const;

 private:
  struct Pool;
  Executor loop_;
  std::unique_ptr<Pool> pool_;
};

// A job's owner that learns, by its destruction, that the job was dropped unrun. Internal to run().
template <class Handler, class... Result>
class OffloadReply {
 public:
  OffloadReply(Executor loop, Handler handler)
      : loop_(std::move(loop)), handler_(std::make_shared<Handler>(std::move(handler))) {}
  ~OffloadReply() {
    if (handler_) {
      give(std::make_exception_ptr(OffloadRefused("the thread pool is full or stopping")),
           Result{}...);
    }
  }
  OffloadReply(const OffloadReply&) = delete;
  OffloadReply& operator=(const OffloadReply&) = delete;

  void give(std::exception_ptr fault, Result... result) {
    auto held = std::move(handler_);
    handler_ = nullptr;
    auto resume = [held = std::move(held), fault = std::move(fault),
                   ... result = std::move(result)]() mutable {
      std::move (*held)(std::move(fault), std::move(result)...);
    };
    asio::post(loop_, std::move(resume));
  }

 private:
  Executor loop_;
  std::shared_ptr<Handler> handler_;
};

template <class F, class T>
Task<T> Offload::run(std::string lane, F fn) {
  auto start = [this, lane = std::move(lane), fn = std::move(fn)](auto handler) mutable {
    using Handler = decltype(handler);
    if constexpr (std::is_void_v<T>) {
      auto reply = std::make_shared<OffloadReply<Handler>>(loop_, std::move(handler));
      submit(std::move(lane), [reply, fn = std::move(fn)]() mutable {
        std::exception_ptr fault;
        try {
          fn();
        } catch (...) {
          fault = std::current_exception();
        }
        reply->give(std::move(fault));
      });
    } else {
      auto reply = std::make_shared<OffloadReply<Handler, T>>(loop_, std::move(handler));
      submit(std::move(lane), [reply, fn = std::move(fn)]() mutable {
        std::exception_ptr fault;
        T result{};
        try {
          result = fn();
        } catch (...) {
          fault = std::current_exception();
        }
        reply->give(std::move(fault), std::move(result));
      });
    }
  };
  if constexpr (std::is_void_v<T>) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
        std::move(start), asio::use_awaitable);
  } else {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, T)>(
        std::move(start), asio::use_awaitable);
  }
}

}  // namespace fleet::io
