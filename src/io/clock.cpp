#include "io/clock.h"

#include <asio/async_result.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>

namespace fleet::io {

Task<void> Clock::sleep_until(Tick at) {
  auto start = [this, at](auto handler) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    call_at(at, [held] { std::move (*held)(); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(std::move(start),
                                                                      asio::use_awaitable);
}

}  // namespace fleet::io
