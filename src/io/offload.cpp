#include "io/offload.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace fleet::io {

struct Offload::Pool {
  struct Job {
    Ticket ticket = 0;
    std::string lane;
    std::function<void()> run;
  };

  explicit Pool(OffloadLimits bounds) : limits(bounds) {}

  Ticket push(std::string lane, std::function<void()> job);
  bool cancel(Ticket ticket);
  void stop();
  Load load();

 private:
  void work();
  std::optional<Job> take();  // the first that its lane lets run; mutex held
  void finish(const std::string& lane);

  const OffloadLimits limits;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> waiting;
  std::unordered_map<std::string, std::size_t> running;  // by lane
  std::vector<std::thread> threads;
  std::size_t idle = 0;
  Ticket last_ticket = 0;
  bool stopping = false;
};

Offload::Ticket Offload::Pool::push(std::string lane, std::function<void()> job) {
  const std::scoped_lock lock(mutex);
  if (stopping || waiting.size() >= limits.queue) return 0;
  const Ticket ticket = ++last_ticket;
  waiting.push_back({ticket, std::move(lane), std::move(job)});
  if (idle < waiting.size() && threads.size() < limits.threads) {
    threads.emplace_back([this] { work(); });
  } else {
    wake.notify_one();
  }
  return ticket;
}

bool Offload::Pool::cancel(Ticket ticket) {
  Job dropped;  // destroyed outside the lock
  const std::scoped_lock lock(mutex);
  const auto same = [ticket](const Job& job) { return job.ticket == ticket; };
  const auto found = std::find_if(waiting.begin(), waiting.end(), same);
  if (found == waiting.end()) return false;
  dropped = std::move(*found);
  waiting.erase(found);
  return true;
}

std::optional<Offload::Pool::Job> Offload::Pool::take() {
  const auto may_run = [this](const Job& job) {
    const auto lane = running.find(job.lane);
    return lane == running.end() || lane->second < limits.per_lane;
  };
  const auto found = std::find_if(waiting.begin(), waiting.end(), may_run);
  if (found == waiting.end()) return std::nullopt;
  Job job = std::move(*found);
  waiting.erase(found);
  ++running[job.lane];
  return job;
}

void Offload::Pool::finish(const std::string& lane) {
  const auto found = running.find(lane);
  if (--found->second == 0) running.erase(found);
}

void Offload::Pool::work() {
  std::unique_lock lock(mutex);
  while (true) {
    auto job = take();
    if (!job) {
      if (stopping) return;
      ++idle;
      wake.wait(lock);
      --idle;
      continue;
    }
    lock.unlock();
    job->run();
    job->run = nullptr;  // what it owns dies before its place in the lane is given on
    lock.lock();
    // This very thread looks next, so a job of this lane that waits is not forgotten.
    finish(job->lane);
  }
}

void Offload::Pool::stop() {
  std::deque<Job> dropped;
  {
    const std::scoped_lock lock(mutex);
    stopping = true;
    dropped.swap(waiting);
  }
  wake.notify_all();
  dropped.clear();
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

Offload::Load Offload::Pool::load() {
  const std::scoped_lock lock(mutex);
  Load load;
  load.waiting = waiting.size();
  for (const auto& [lane, count] : running) load.running += count;
  return load;
}

Offload::Offload(Executor loop, OffloadLimits limits)
    : loop_(std::move(loop)), pool_(std::make_unique<Pool>(limits)) {}

Offload::~Offload() { stop(); }

Offload::Ticket Offload::submit(std::string lane, std::function<void()> job) {
  return pool_->push(std::move(lane), std::move(job));
}

bool Offload::cancel(Ticket ticket) { return pool_->cancel(ticket); }

void Offload::stop() { pool_->stop(); }

Offload::Load Offload::load() const { return pool_->load(); }

}  // namespace fleet::io
