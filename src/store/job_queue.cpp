#include "store/job_queue.h"

#include <algorithm>
#include <iterator>

namespace fleet::store {
namespace {

constexpr Millis kPatience{50};

}  // namespace

bool JobQueue::push(Waiting& waiting) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= limit_) return false;
    const bool urgent = waiting.urgency == Urgency::now;
    // The sleeper need not hear of a second patient one: it is waiting its time out already.
    const bool news = urgent || jobs_.empty();
    jobs_.push_back(std::move(waiting));
    urgent_ += urgent ? 1 : 0;
    if (held_ || !news) return true;
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
  while (!ready()) {
    if (!jobs_.empty()) {
      const bool woken = wake_.wait_for(lock, kPatience) == std::cv_status::no_timeout;
      if (!woken && !jobs_.empty()) return Wake::jobs;
    } else if (idle_after < Millis{0}) {
      wake_.wait(lock);
    } else if (wake_.wait_for(lock, idle_after) == std::cv_status::timeout && jobs_.empty()) {
      return stopping_ ? Wake::stopped : Wake::idle;
    }
  }
  return jobs_.empty() ? Wake::stopped : Wake::jobs;
}

std::vector<Waiting> JobQueue::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size()));
  std::vector<Waiting> group(std::make_move_iterator(jobs_.begin()),
                             std::make_move_iterator(jobs_.begin() + count));
  jobs_.erase(jobs_.begin(), jobs_.begin() + count);
  urgent_ = static_cast<std::size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [](const Waiting& w) { return w.urgency == Urgency::now; }));
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
