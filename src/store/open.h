// Two ways to open the same store: a writer thread over a file for the daemon, and everything
// inline on one connection for tests and the simulator. Nobody else opens the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fleet/base/result.h"
#include "fleet/base/time.h"
#include "io/task.h"
#include "store/database.h"
#include "store/lock.h"
#include "store/migration.h"

namespace fleet::io {
class Clock;
}

namespace fleet::store {

// Runs a commit when a simulated disk would be done with it.
using CommitLater = std::function<void(std::function<void()> commit)>;

struct Options {
  std::optional<StoreLock> lock{};   // required by open_threaded, which keeps it until it closed
  const io::Clock* clock = nullptr;  // names set-aside files, times commits; may be absent
  std::size_t queue_jobs = 16'384;   // waiting jobs; beyond it Code::limited
  std::size_t group_jobs = 1'024;    // jobs in one commit
  std::int64_t checkpoint_pages = 1'000;  // past this the writer checkpoints after answering
  std::int64_t idle_pages = 64;           // an idle writer checkpoints and truncates past this
  Millis idle_after{250};
  std::int64_t wal_limit_bytes = 8'388'608;  // what a WAL file may keep on disk after a checkpoint
  CommitLater commit_later{};  // open_inline only; otherwise the next turn of the loop
  CommitLater commit_soon{};   // the same for what nobody waits for; otherwise with the next commit
  Millis busy_wait{2'000};     // how long another program's lock is waited for
};

// The daemon's store. Refuses, each with a remedy: no lock, a foreign file, a newer schema, a
// read-only or full disk. A damaged file is set aside (opened().set_aside) and a fresh one made.
// The executor's loop must still exist when the Database is destroyed; waiting jobs are committed.
Result<std::unique_ptr<Database>> open_threaded(std::filesystem::path file, Executor executor,
                                                const Migrations& migrations, Options options);

// One connection, no thread: submit queues, one posted handler commits all that wait. `file` is a
// name inside `vfs`, a path, or ":memory:". Throws SqlFault or, where a schema is newer, Refused.
struct Refused : std::runtime_error {
  explicit Refused(Error why) : std::runtime_error(why.message), error(std::move(why)) {}
  Error error;
};
std::unique_ptr<Database> open_inline(const std::string& file, Executor executor,
                                      const Migrations& migrations, const char* vfs = nullptr,
                                      Options options = {});

}  // namespace fleet::store
