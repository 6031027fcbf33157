// The daemon's store: one thread owns the write connection and commits in groups; the loop keeps a
// read-only connection of its own. Internal to the store; open.h makes it.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "store/database.h"
#include "store/delivery.h"
#include "store/file_state.h"
#include "store/open.h"

namespace fleet::store {

class ThreadedDatabase final : public Database {
 public:
  struct Parts {
    std::unique_ptr<Connection> writer;
    std::unique_ptr<Connection> reader;
    FileState file;
    Opened opened;
  };
  ThreadedDatabase(Parts parts, Executor executor, Options options);
  // Commits what waits, empties the log into the file and leaves the mark of a clean stop.
  ~ThreadedDatabase() override;

  void submit(Job job, Done done, Urgency urgency) override {
    side_->submit(std::move(job), std::move(done), urgency);
  }
  Connection& reader() override { return *parts_.reader; }
  Executor executor() const override { return side_->executor(); }
  Counters counters() const override;
  const Opened& opened() const override { return parts_.opened; }

 private:
  void write_until_stopped();
  void commit_waiting(Committer& committer);
  void publish(const Committer& committer);

  Parts parts_;
  Options options_;
  std::shared_ptr<LoopSide> side_;
  mutable std::mutex published_;  // guards counters_ and suspect_
  Counters counters_;
  bool suspect_ = false;
  std::thread writer_;
};

}  // namespace fleet::store
