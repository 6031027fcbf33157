#include "store/threaded.h"

namespace fleet::store {

ThreadedDatabase::ThreadedDatabase(Parts parts, Executor executor, Options options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      side_(std::make_shared<LoopSide>(std::move(executor), options_.queue_jobs)),
      writer_([this] { write_until_stopped(); }) {}

ThreadedDatabase::~ThreadedDatabase() {
  side_->queue().stop();
  writer_.join();
  parts_.reader.reset();
  parts_.writer.reset();  // the last one out: SQLite empties the log and removes it
  if (!suspect_) parts_.file.mark_clean();
}

void ThreadedDatabase::write_until_stopped() {
  Committer committer(*parts_.writer, options_.clock);
  bool tidy = false;  // nothing to do until the next job, so no timer either
  for (;;) {
    switch (side_->queue().wait(tidy ? Millis{-1} : options_.idle_after)) {
      case JobQueue::Wake::stopped:
        return;
      case JobQueue::Wake::jobs:
        commit_waiting(committer);
        tidy = false;
        break;
      case JobQueue::Wake::idle:
        if (committer.counters().wal_pages > options_.idle_pages) committer.truncate_log();
        publish(committer);
        tidy = true;
        break;
    }
  }
}

// Checkpoints come after the answers: nobody waits for one.
void ThreadedDatabase::commit_waiting(Committer& committer) {
  Answers answers = committer.run(side_->queue().take(options_.group_jobs));
  publish(committer);
  post_answers(side_, std::move(answers));
  committer.checkpoint_past(options_.checkpoint_pages);
}

void ThreadedDatabase::publish(const Committer& committer) {
  const std::lock_guard lock(published_);
  counters_ = committer.counters();
  suspect_ = committer.suspect();
}

Counters ThreadedDatabase::counters() const {
  const std::lock_guard lock(published_);
  return counters_;
}

}  // namespace fleet::store
