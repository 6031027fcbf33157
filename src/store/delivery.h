// Brings a group's answers back to the loop in one post, and keeps the loop alive while a job is
// under way. Loop thread only, but for post_answers. Internal to the store.
#pragma once

#include <cstddef>
#include <memory>

#include "io/task.h"
#include "store/committer.h"
#include "store/job_queue.h"

namespace fleet::store {

// Outlives the database as long as an answer is on its way.
class LoopSide {
 public:
  // Inline, the posted commit itself is the loop's work.
  enum class Work { tracked, untracked };
  LoopSide(Executor executor, std::size_t queue_limit, Work work = Work::tracked);

  void submit(Job job, Done done, Urgency urgency);
  const Executor& executor() const { return executor_; }
  JobQueue& queue() { return queue_; }

  void began();
  void ended(std::size_t jobs);

 private:
  Executor executor_;
  Executor busy_;  // counts as work of the loop while a job is under way
  std::size_t under_way_ = 0;
  Work work_;
  JobQueue queue_;
};

// Any thread.
void post_answers(const std::shared_ptr<LoopSide>& side, Answers answers);

// Runs every `done`, even where one throws: the rest then follow in a post of their own.
class Delivery {
 public:
  Delivery(std::shared_ptr<LoopSide> side, Answers answers)
      : side_(std::move(side)), answers_(std::move(answers)) {}
  void operator()();

 private:
  void answer_next();

  std::shared_ptr<LoopSide> side_;
  Answers answers_;
  std::size_t next_ = 0;
};

}  // namespace fleet::store
