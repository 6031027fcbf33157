#include "store/job_queue.h"

#include <algorithm>
#include <iterator>

namespace fleet::store {

bool JobQueue::push(Waiting& waiting) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= limit_) return false;
    jobs_.push_back(std::move(waiting));
    if (held_) return true;
  }
  wake_.notify_one();
  return true;
}

void JobQueue::let_go() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
    if (jobs_.empty()) return;
  }
  wake_.notify_one();
}

JobQueue::Wake JobQueue::wait(Millis idle_after) {
  std::unique_lock lock(mutex_);
  const auto is_ready = [this] { return ready(); };
  if (idle_after < Millis{0}) {
    wake_.wait(lock, is_ready);
  } else if (!wake_.wait_for(lock, idle_after, is_ready)) {
    return Wake::idle;
  }
  return jobs_.empty() ? Wake::stopped : Wake::jobs;
}

std::vector<Waiting> JobQueue::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size()));
  std::vector<Waiting> group(std::make_move_iterator(jobs_.begin()),
                             std::make_move_iterator(jobs_.begin() + count));
  jobs_.erase(jobs_.begin(), jobs_.begin() + count);
  return group;
}

bool JobQueue::empty() {
  const std::lock_guard lock(mutex_);
  return jobs_.empty();
}

void JobQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

}  // namespace fleet::store
