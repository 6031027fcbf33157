#include "store/committer.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <utility>

#include "io/clock.h"
#include "store/fault.h"

namespace fleet::store {
namespace {

// Installing the hook also turns SQLite's own checkpoints off, which run inside a commit.
int note_log_pages(void* counters, sqlite3*, const char*, int pages) {
  static_cast<Counters*>(counters)->wal_pages = pages;
  return SQLITE_OK;
}

Error job_failed(const char* why) {
  return refuse(Code::unavailable, "job_failed", std::string("a write was undone: ") + why);
}

}  // namespace

Committer::Committer(Connection& db, const io::Clock* clock) : db_(db), clock_(clock) {
  sqlite3_wal_hook(db_.handle().getHandle(), note_log_pages, &counters_);
}

Committer::~Committer() { sqlite3_wal_hook(db_.handle().getHandle(), nullptr, nullptr); }

Answers Committer::run(std::vector<Waiting> group) {
  Answers answers;
  answers.reserve(group.size());
  for (Waiting& waiting : group) answers.push_back({std::move(waiting.done), {}});
  try {
    run_all(group, answers);
    counters_.last_fault.clear();
  } catch (const SqlFault& fault) {
    undo_all();
    const Error error = storage_error(fault);
    for (Answer& answer : answers) answer.result = error;
    counters_.refused += answers.size();
  }
  return answers;
}

void Committer::run_all(std::vector<Waiting>& group, Answers& answers) {
  db_.run("BEGIN IMMEDIATE");
  for (std::size_t i = 0; i < group.size(); ++i) answers[i].result = run_one(group[i].job);
  commit();
  count(answers);
}

Result<void> Committer::run_one(const Job& job) {
  db_.run("SAVEPOINT job");
  try {
    job(db_);
  } catch (const SqlFault& fault) {
    // After some storage faults SQLite has already undone the whole transaction.
    if (!db_.in_transaction()) throw;
    undo_one();
    return fault.storage() ? storage_error(fault) : job_failed(fault.what());
  } catch (const std::exception& thrown) {
    undo_one();
    return job_failed(thrown.what());
  } catch (...) {
    undo_one();
    return job_failed("it threw");
  }
  db_.run("RELEASE job");
  return {};
}

void Committer::undo_one() {
  db_.run("ROLLBACK TO job");
  db_.run("RELEASE job");
}

void Committer::undo_all() {
  try {
    if (db_.in_transaction()) db_.run("ROLLBACK");
  } catch (const SqlFault&) {
    suspect_ = true;  // the next BEGIN says again what is wrong
  }
}

void Committer::commit() {
  if (clock_ == nullptr) {
    db_.run("COMMIT");
    return;
  }
  const Tick start = clock_->now();
  db_.run("COMMIT");
  counters_.last_commit_us = (clock_->now() - start).count();
}

void Committer::count(const Answers& answers) {
  counters_.commits += 1;
  for (const Answer& answer : answers) {
    (answer.result.ok() ? counters_.jobs : counters_.rolled_back) += 1;
  }
}

Error Committer::storage_error(const SqlFault& fault) {
  Error error = error_of(fault);
  counters_.last_fault = error.message;
  (error.code == Code::full ? was_full_ : suspect_) = true;
  return error;
}

void Committer::checkpoint_past(std::int64_t pages) {
  if (std::exchange(was_full_, false)) truncate_log();
  if (counters_.wal_pages < checkpointed_at_) checkpointed_at_ = 0;  // the log started again
  if (counters_.wal_pages - checkpointed_at_ < pages) return;
  checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  checkpointed_at_ = counters_.wal_pages;
}

void Committer::truncate_log() {
  if (checkpoint(SQLITE_CHECKPOINT_TRUNCATE)) counters_.wal_pages = checkpointed_at_ = 0;
}

// A checkpoint that fails costs nothing but space: the log keeps everything until the next one.
bool Committer::checkpoint(int mode) {
  sqlite3* db = db_.handle().getHandle();
  const int code = sqlite3_wal_checkpoint_v2(db, nullptr, mode, nullptr, nullptr);
  if (code == SQLITE_OK) counters_.checkpoints += 1;
  return code == SQLITE_OK;
}

}  // namespace fleet::store
