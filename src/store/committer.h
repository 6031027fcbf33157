// Puts a group of jobs into one transaction and says how each ended. A job that throws is undone
// alone; a storage fault undoes all, and nobody is told "committed" before COMMIT returned.
// It knows no thread and no executor. Internal to the store.
#pragma once

#include <vector>

#include "fleet/base/result.h"
#include "store/database.h"

namespace fleet::io {
class Clock;
}

namespace fleet::store {

struct Waiting {
  Job job;
  Done done;
  Urgency urgency = Urgency::now;
};

struct Answer {
  Done done;
  Result<void> result;
};
using Answers = std::vector<Answer>;

class Committer {
 public:
  Committer(Connection& db, const io::Clock* clock);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  Answers run(std::vector<Waiting> group);
  // PASSIVE where the log has grown past `pages` since the last one; never waits for a reader.
  // After a full disk the log is emptied, which may be all the space it takes to go on.
  void checkpoint_past(std::int64_t pages);
  // Moves the whole log into the database and empties its file.
  void truncate_log();

  const Counters& counters() const { return counters_; }
  // A fault after which the file deserves a check before it is trusted again.
  bool suspect() const { return suspect_; }

 private:
  void run_all(std::vector<Waiting>& group, Answers& answers);
  Result<void> run_one(const Job& job);
  void undo_one();
  void undo_all();
  void commit();
  void count(const Answers& answers);
  Error storage_error(const SqlFault& fault);
  bool checkpoint(int mode);

  Connection& db_;
  const io::Clock* clock_;
  Counters counters_;
  std::int64_t checkpointed_at_ = 0;  // log pages at the last attempt, until the log starts again
  bool was_full_ = false;
  bool suspect_ = false;
};

}  // namespace fleet::store
