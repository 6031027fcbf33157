// Where jobs wait for the writer thread. Bounded: a full queue says no instead of growing. The loop
// can hold it while it resumes a group of coroutines, so that what they write next travels in one
// commit instead of one early bird and the rest. Internal to the store.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "fleet/base/time.h"
#include "store/committer.h"

namespace fleet::store {

class JobQueue {
 public:
  explicit JobQueue(std::size_t limit) : limit_(limit) {}

  // Takes `waiting` over, or returns false and leaves it alone.
  bool push(Waiting& waiting);
  // Until hold ends, a push wakes nobody.
  void hold() { held_ = true; }
  void let_go();

  enum class Wake { jobs, idle, stopped };
  // Sleeps until there is an urgent job, or another has waited its time. `idle_after` ≥ 0 also ends
  // the sleep after that time where nothing waits.
  Wake wait(Millis idle_after);
  std::vector<Waiting> take(std::size_t most);
  bool empty();

  void stop();

 private:
  bool ready() const { return stopping_ || (urgent_ > 0 && !held_); }

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> jobs_;
  std::size_t urgent_ = 0;  // of jobs_
  std::atomic<bool> held_{false};
  bool stopping_ = false;
};

}  // namespace fleet::store
