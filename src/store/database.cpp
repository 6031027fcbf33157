#include "store/database.h"

#include <asio/async_result.hpp>
#include <asio/use_awaitable.hpp>

namespace fleet::store {
namespace {

using Token = asio::use_awaitable_t<>;

// std::function wants to be copied, a coroutine's handler does not: hence the shared holder.
template <class Handler>
Done shared_done(Handler handler) {
  auto held = std::make_shared<Handler>(std::move(handler));
  return [held](Result<void> result) { std::move (*held)(std::move(result)); };
}

}  // namespace

Task<Result<void>> Database::submitted(Job job) {
  auto start = [this](auto handler, Job held) {
    submit(std::move(held), shared_done(std::move(handler)));
  };
  const Token token{};
  return asio::async_initiate<const Token, void(Result<void>)>(std::move(start), token,
                                                               std::move(job));
}

}  // namespace fleet::store
