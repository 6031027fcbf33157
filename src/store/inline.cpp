// Tests and simulator: the store without a thread. submit queues; one posted handler commits all
// that wait in one transaction, so group commit happens on the virtual clock as it does on a disk.
#include <asio/post.hpp>

#include "store/connect.h"
#include "store/delivery.h"
#include "store/open.h"

namespace fleet::store {
namespace {

struct InlineState {
  std::unique_ptr<Connection> connection;
  std::unique_ptr<Committer> committer;
  std::shared_ptr<LoopSide> side;
  Options options;
  bool posted = false;

  void commit_waiting();
};

void InlineState::commit_waiting() {
  posted = false;
  Answers answers = committer->run(side->queue().take(options.group_jobs));
  committer->checkpoint_past(options.checkpoint_pages);
  Delivery(side, std::move(answers))();
}

class InlineDatabase final : public Database {
 public:
  InlineDatabase(std::shared_ptr<InlineState> state, Opened opened)
      : state_(std::move(state)), opened_(std::move(opened)) {}

  void submit(Job job, Done done, Urgency urgency) override;
  Connection& reader() override { return *state_->connection; }
  Executor executor() const override { return state_->side->executor(); }
  Counters counters() const override { return state_->committer->counters(); }
  const Opened& opened() const override { return opened_; }

 private:
  static void post_commit(const std::shared_ptr<InlineState>& state);

  std::shared_ptr<InlineState> state_;
  Opened opened_;
};

// What is only wanted soon waits for the next job: the longest wait a crash can find it in.
void InlineDatabase::submit(Job job, Done done, Urgency urgency) {
  state_->side->submit(std::move(job), std::move(done), urgency);
  if (state_->posted) return;
  if (urgency == Urgency::now) return post_commit(state_);
  if (!state_->options.commit_soon) return;
  state_->options.commit_soon([weak = std::weak_ptr(state_)] {
    const std::shared_ptr<InlineState> alive = weak.lock();
    if (alive && !alive->posted && !alive->side->queue().empty()) post_commit(alive);
  });
}

// A database that is destroyed first takes its waiting jobs with it: that is a crash.
void InlineDatabase::post_commit(const std::shared_ptr<InlineState>& state) {
  state->posted = true;
  auto commit = [weak = std::weak_ptr(state)] {
    const std::shared_ptr<InlineState> alive = weak.lock();
    if (!alive) return;
    alive->commit_waiting();
    if (!alive->posted && !alive->side->queue().empty()) post_commit(alive);
  };
  if (state->options.commit_later) {
    state->options.commit_later(std::move(commit));
  } else {
    asio::post(state->side->executor(), std::move(commit));
  }
}

}  // namespace

std::unique_ptr<Database> open_inline(const std::string& file, Executor executor,
                                      const Migrations& migrations, const char* vfs,
                                      Options options) {
  auto state = std::make_shared<InlineState>();
  state->connection = connect_writer(Place{file, vfs, true}, options);
  Opened opened;
  opened.fresh = is_fresh(*state->connection);
  Result<void> migrated = migrate(*state->connection, migrations);
  if (!migrated.ok()) throw Refused(migrated.error());
  state->committer = std::make_unique<Committer>(*state->connection, options.clock);
  state->side = std::make_shared<LoopSide>(std::move(executor), options.queue_jobs,
                                           LoopSide::Work::untracked);
  state->options = std::move(options);
  return std::make_unique<InlineDatabase>(std::move(state), std::move(opened));
}

}  // namespace fleet::store
