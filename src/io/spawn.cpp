#include "io/spawn.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <utility>

#include "io/log.h"

namespace fleet::io {
namespace {

constexpr Micros kFirstPause = Seconds{1};
constexpr Micros kLongestPause = Seconds{60};

void write_to_log(const std::string& name, const std::string& what) {
  log(LogLevel::error, "a task ended by a fault",
      {{LogKey::operation, name}, {LogKey::reason, what}});
}

FaultHook& hook() {
  static FaultHook current = write_to_log;
  return current;
}

std::string what_of(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception of an unknown kind";
  }
}

}  // namespace

void set_fault_hook(FaultHook replacement) { hook() = std::move(replacement); }

void spawn(const Executor& loop, Task<void> task, std::string name) {
  asio::co_spawn(loop, std::move(task), [name = std::move(name)](const std::exception_ptr& fault) {
    if (fault) hook()(name, what_of(fault));
  });
}

Task<void> supervise(std::string name, Clock& clock, std::function<Task<void>()> body) {
  for (Micros pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    std::exception_ptr fault;
    try {
      co_await body();
    } catch (...) {
      fault = std::current_exception();
    }
    if (!fault) co_return;
    hook()(name, what_of(fault));
    co_await clock.sleep_for(pause);
  }
}

}  // namespace fleet::io
