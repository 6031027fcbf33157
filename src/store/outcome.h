// Carries what a job returned, refused or threw from the writer to the coroutine that waits.
// Shared between both, because a cancelled coroutine may be gone before its job has run.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "fleet/base/result.h"
#include "store/fault.h"

namespace fleet::store {

class Connection;

// Tells the writer to undo the job alone; its own outcome already says why.
struct Undo : std::exception {
  const char* what() const noexcept override { return "the job refused"; }
};

// T and Result<T> both arrive as Result<T>.
template <class T>
struct Flat {
  using type = T;
};
template <class T>
struct Flat<Result<T>> {
  using type = T;
};

template <class F>
using Kept = typename Flat<std::invoke_result_t<F&, Connection&>>::type;

template <class F>
class Outcome {
 public:
  using Value = Kept<F>;

  explicit Outcome(F job) : job_(std::move(job)) {}

  // On the writer. Throws whatever must undo the job.
  void run(Connection& db) {
    try {
      keep(db);
    } catch (const SqlFault& fault) {
      if (!fault.storage()) thrown_ = std::current_exception();
      throw;
    } catch (...) {
      thrown_ = std::current_exception();
      throw;
    }
    if (!value_->ok()) throw Undo{};
  }

  // On the loop, once.
  Result<Value> take(Result<void> committed) {
    if (thrown_) std::rethrow_exception(thrown_);
    if (value_ && !value_->ok()) return std::move(*value_);
    if (!committed.ok()) return committed.error();
    return std::move(*value_);
  }

 private:
  void keep(Connection& db) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Connection&>>) {
      job_(db);
      value_.emplace();
    } else {
      value_.emplace(job_(db));
    }
  }

  F job_;
  std::optional<Result<Value>> value_;
  std::exception_ptr thrown_;
};

}  // namespace fleet::store
