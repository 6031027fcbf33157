// The coroutine type of the trunk and the few asio words every coroutine needs.
// House rule: to the right of co_await stand only names, calls and std::move (g++ 12.2).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

namespace fleet {

template <class T = void>
using Task = asio::awaitable<T>;

using Executor = asio::any_io_executor;

}  // namespace fleet
