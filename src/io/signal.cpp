#include "io/signal.h"

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace fleet::io {
namespace {

// Resumes from the loop's top: the notifier is never re-entered in the middle of a change.
template <class Handler>
void resume_later(std::shared_ptr<Handler> held, bool notified) {
  const auto executor = asio::get_associated_executor(*held);
  asio::post(executor, [held, notified] { std::move (*held)(notified); });
}

}  // namespace

Task<bool> Signal::wait_until(Clock& clock, Tick deadline) {
  auto start = [this, &clock, deadline](auto handler) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    const std::uint64_t id = ++last_;
    // The timer owns the coroutine, not the signal: whoever waits often owns the signal itself, and
    // two that own each other outlive the clock and the loop.
    const Clock::TimerId timer = clock.call_at(deadline, [this, id, held] {
      if (waiters_.erase(id) > 0) resume_later(held, false);
    });
    waiters_.emplace(id, [weak = std::weak_ptr(held), timer, &clock](bool notified) {
      const auto waiter = weak.lock();
      if (!waiter) return;
      clock.cancel(timer);
      resume_later(waiter, notified);
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(std::move(start),
                                                                          asio::use_awaitable);
}

Task<bool> Signal::wait_until_notified() {
  auto start = [this](auto handler) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    waiters_.emplace(++last_, [held](bool notified) { resume_later(held, notified); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(std::move(start),
                                                                          asio::use_awaitable);
}

void Signal::notify() {
  // Whoever resumes may wait again or notify again: the waiters of this call are taken first.
  auto woken = std::exchange(waiters_, {});
  for (auto& [id, resume] : woken) resume(true);
}

}  // namespace fleet::io
