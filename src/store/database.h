// The store as the trunk sees it: jobs go in, and each is answered only after the commit that holds
// it (group commit). It knows no table. Everything here is called on the loop thread; the job
// itself runs wherever the writer is, so it must own its data and touch nothing but its Connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "fleet/base/result.h"
#include "io/task.h"
#include "store/connection.h"
#include "store/outcome.h"

namespace fleet::store {

using Job = std::function<void(Connection&)>;
using Done = std::function<void(Result<void>)>;

// `soon` rides with the next commit, or gets its own within 50 ms: for records that nobody waits
// for, so that they cost no fsync while there is traffic. A crash may lose them.
enum class Urgency { now, soon };

struct Counters {
  std::uint64_t jobs = 0;         // committed
  std::uint64_t commits = 0;      // that held them
  std::uint64_t rolled_back = 0;  // jobs undone alone: they threw or refused
  std::uint64_t refused = 0;      // jobs answered with a storage error, or turned away at the queue
  std::uint64_t checkpoints = 0;
  std::int64_t last_commit_us = 0;  // 0 where the store was given no clock
  std::int64_t wal_pages = 0;
  std::string last_fault;  // empty while the last commit was good
};

// What opening found out; the doctor turns it into findings.
struct Opened {
  bool fresh = false;     // there was no database before
  bool checked = false;   // the last stop was unclean, so quick_check ran
  std::string set_aside;  // the damaged file's new name; its content is NOT in the store
};

class Database {
 public:
  virtual ~Database() = default;

  // `done` runs on the executor after the commit that holds the job, or with the error that
  // undid it: Code::full, Code::unavailable, Code::limited (queue full). A job that throws is
  // undone alone; the others of its group commit.
  virtual void submit(Job job, Done done, Urgency urgency = Urgency::now) = 0;
  // Short reads on the loop thread. Sees every commit that was answered.
  virtual Connection& reader() = 0;
  virtual Executor executor() const = 0;
  virtual Counters counters() const = 0;
  virtual const Opened& opened() const = 0;

  // Runs `job(Connection&)` in a transaction and resumes after its commit with what it returned.
  // A job that returns a refusing Result is undone, and so is one that throws: its exception
  // is thrown again here. A cancelled coroutine does not undo the write.
  template <class F>
  Task<Result<Kept<F>>> write(F job) {
    auto outcome = std::make_shared<Outcome<F>>(std::move(job));
    Job run = run_into(outcome);
    Result<void> committed = co_await submitted(std::move(run));
    co_return outcome->take(std::move(committed));
  }

 private:
  template <class F>
  static Job run_into(std::shared_ptr<Outcome<F>> outcome) {
    return [outcome = std::move(outcome)](Connection& db) { outcome->run(db); };
  }
  Task<Result<void>> submitted(Job job);
};

}  // namespace fleet::store
