// The promise of the store: what was answered is there after a crash, whole, at whatever call of
// whatever commit, checkpoint or opening the power went.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "store/fault.h"
#include "store_world.h"
#include "support/sim_disk.h"

namespace fleet::store {
namespace {

using test::SimDisk;

constexpr std::int64_t kJobs = 200;

// Every job writes a pair of rows; half a pair is half a job. Groups of 1 to 5 share a commit, and
// the log is checkpointed every few commits.
Job insert_pair(std::int64_t id) {
  return [id](Connection& db) {
    const std::string body(static_cast<std::size_t>(100 + id % 7 * 90),
                           static_cast<char>('a' + id % 26));
    db.run("INSERT INTO note(id, body) VALUES(?1, ?2)", id * 2, body);
    db.run("INSERT INTO note(id, body) VALUES(?1, ?2)", id * 2 + 1, body);
  };
}

struct CrashRun {
  explicit CrashRun(std::uint64_t seed) : disk(seed) {}

  SimDisk disk;
  asio::io_context loop;
  std::set<std::int64_t> acknowledged;
  std::set<std::int64_t> submitted;

  std::unique_ptr<Database> open() {
    Options options;
    options.checkpoint_pages = 24;
    return open_inline("fleet.db", loop.get_executor(), notes_schema(), disk.vfs(),
                       std::move(options));
  }
  void submit_group(Database& db, std::int64_t first, std::int64_t last);
  void work(Database& db);
  void crash_during_work();
  void verify();
};

void CrashRun::submit_group(Database& db, std::int64_t first, std::int64_t last) {
  for (std::int64_t id = first; id < last; ++id) {
    submitted.insert(id);
    db.submit(insert_pair(id), [this, id](Result<void> done) {
      if (done.ok()) acknowledged.insert(id);
    });
  }
  drain(loop);
}

void CrashRun::work(Database& db) {
  for (std::int64_t id = 0; id < kJobs && disk.powered();) {
    const std::int64_t next = std::min(kJobs, id + 1 + id % 5);
    submit_group(db, id, next);
    id = next;
  }
}

void CrashRun::crash_during_work() {
  try {
    auto store = open();
    work(*store);
    disk.crash();
  } catch (const SqlFault&) {
    disk.crash();  // the power went while the database was being opened
  }
}

void CrashRun::verify() {
  auto store = open();
  Connection& db = store->reader();
  ASSERT_EQ(db.prepare("PRAGMA quick_check").step(), true);
  Statement check = db.prepare("PRAGMA integrity_check(1)");
  ASSERT_TRUE(check.step());
  ASSERT_EQ(check.text(0), "ok");
  std::set<std::int64_t> rows;
  Statement query = db.prepare("SELECT id, length(body) FROM note");
  while (query.step()) {
    const std::int64_t job = query.int64(0) / 2;
    ASSERT_EQ(query.int64(1), 100 + job % 7 * 90) << "job " << job << " is torn";
    rows.insert(query.int64(0));
  }
  for (const std::int64_t id : acknowledged) {
    ASSERT_TRUE(rows.contains(id * 2)) << "job " << id << " was acknowledged and is gone";
  }
  for (const std::int64_t row : rows) {
    ASSERT_TRUE(rows.contains(row ^ 1)) << "job " << row / 2 << " is half written";
    ASSERT_TRUE(submitted.contains(row / 2));
  }
}

std::uint64_t calls_of_the_whole_workload() {
  CrashRun run(1);
  auto store = run.open();
  run.work(*store);
  EXPECT_EQ(run.acknowledged.size(), static_cast<std::size_t>(kJobs));
  EXPECT_GT(store->counters().checkpoints, 3u);
  return run.disk.calls();
}

// FLEET_CRASH_ROUNDS repeats the sweep with other seeds.
int rounds() {
  const char* asked = std::getenv("FLEET_CRASH_ROUNDS");
  return asked == nullptr ? 1 : std::atoi(asked);
}

TEST(Crash, at_every_io_call_keeps_what_was_acknowledged) {
  const std::uint64_t calls = calls_of_the_whole_workload();
  ASSERT_GT(calls, 500u);
  for (int round = 0; round < rounds(); ++round) {
    for (std::uint64_t call = 0; call < calls; ++call) {
      CrashRun run(call + 1'000'003ULL * static_cast<std::uint64_t>(round));
      run.disk.power_off_at(call);
      run.crash_during_work();
      SCOPED_TRACE("crash at call " + std::to_string(call) + " of " + std::to_string(calls));
      ASSERT_NO_FATAL_FAILURE(run.verify());
    }
  }
}

TEST(Crash, an_io_error_at_every_call_is_answered_and_the_store_goes_on) {
  const std::uint64_t calls = calls_of_the_whole_workload();
  for (std::uint64_t call = 40; call < calls; call += 3) {
    CrashRun run(call);
    auto store = run.open();
    run.disk.fail_at(call);
    run.work(*store);
    SCOPED_TRACE("error at call " + std::to_string(call));
    ASSERT_TRUE(write_now(run.loop, *store, insert_pair(kJobs)).ok());
    run.acknowledged.insert(kJobs);
    run.submitted.insert(kJobs);
    run.disk.crash();
    store.reset();
    ASSERT_NO_FATAL_FAILURE(run.verify());
  }
}

TEST(Crash, a_sync_that_fails_is_not_acknowledged) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CrashRun run(seed);
    auto store = run.open();
    run.submit_group(*store, 0, 10);
    run.disk.fail_syncs(1);
    run.submit_group(*store, 10, 20);
    run.submit_group(*store, 20, 30);
    EXPECT_EQ(run.acknowledged.size(), 20u);
    EXPECT_FALSE(run.acknowledged.contains(10));
    run.disk.crash();
    store.reset();
    ASSERT_NO_FATAL_FAILURE(run.verify()) << "seed " << seed;
  }
}

TEST(Crash, a_disk_that_answers_before_it_synced_is_found_out) {
  // The test of the test: drop a synced byte range and the check must notice.
  CrashRun run(7);
  {
    auto store = run.open();
    run.submit_group(*store, 0, 20);
    run.disk.crash();
  }
  std::string log = run.disk.read("fleet.db-wal");
  ASSERT_GT(log.size(), 8192u);
  run.disk.overwrite("fleet.db-wal", log.substr(0, log.size() - 4096));
  auto store = run.open();
  EXPECT_LT(count_notes(store->reader()), 40);
}

TEST(Restore, a_snapshot_brings_back_the_moment_it_was_taken) {
  CrashRun run(3);
  auto store = run.open();
  run.submit_group(*store, 0, 10);
  const SimDisk::Snapshot backup = run.disk.snapshot();
  run.submit_group(*store, 10, 20);
  run.disk.restore(backup);
  EXPECT_FALSE(write_now(run.loop, *store, insert_pair(20)).ok()) << "an old handle still writes";
  store = run.open();
  EXPECT_EQ(count_notes(store->reader()), 20);
}

TEST(DiskFull, is_refused_whole_and_recovers_when_space_returns) {
  CrashRun run(5);
  auto store = run.open();
  run.submit_group(*store, 0, 10);
  run.disk.set_quota(run.disk.used_bytes() + 6'000);
  const Result<void> refused = write_now(run.loop, *store, [](Connection& db) {
    db.run("INSERT INTO note(id, body) VALUES(900, zeroblob(100000))");
  });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::full);
  EXPECT_EQ(count_notes(store->reader()), 20);
  EXPECT_FALSE(store->counters().last_fault.empty());
  run.disk.set_quota(std::nullopt);
  EXPECT_TRUE(write_now(run.loop, *store, insert_note(900, "fits")).ok());
  EXPECT_TRUE(store->counters().last_fault.empty());
  run.disk.crash();
  store.reset();
  store = run.open();
  EXPECT_EQ(count_notes(store->reader()), 21);
}

TEST(DiskFull, a_large_job_that_spills_takes_its_group_with_it) {
  CrashRun run(6);
  auto store = run.open();
  run.disk.set_quota(run.disk.used_bytes() + 500'000);
  int refused = 0;
  const auto tally = [&](Result<void> done) { refused += done.ok() ? 0 : 1; };
  store->submit(insert_note(1, "small"), tally);
  store->submit(
      [](Connection& db) { db.run("INSERT INTO note(id, body) VALUES(2, zeroblob(9000000))"); },
      tally);
  store->submit(insert_note(3, "small"), tally);
  drain(run.loop);
  EXPECT_GE(refused, 1);
  EXPECT_EQ(count_notes(store->reader()), 3 - refused);
  run.disk.set_quota(std::nullopt);
  EXPECT_TRUE(write_now(run.loop, *store, insert_note(4, "fits")).ok());
}

TEST(DiskFull, a_log_that_filled_the_disk_is_emptied) {
  CrashRun run(9);
  auto store = run.open();
  ASSERT_TRUE(write_now(run.loop, *store, insert_note(1, std::string(3'000, 'x'))).ok());
  store.reset();  // the last one out moves everything into the main file
  Options options;
  options.checkpoint_pages = 1'000'000;
  store = open_inline("fleet.db", run.loop.get_executor(), notes_schema(), run.disk.vfs(),
                      std::move(options));
  run.disk.set_quota(run.disk.used_bytes() + 200'000);
  const auto touch = [](Connection& db) { db.run("UPDATE note SET copy = randomblob(3)"); };
  int refused = 0;
  for (int n = 0; n < 200; ++n) refused += write_now(run.loop, *store, touch).ok() ? 0 : 1;
  EXPECT_GE(refused, 1);
  EXPECT_LE(refused, 10);
}

TEST(ReadOnly, a_disk_that_turns_read_only_refuses_writes_and_still_reads) {
  CrashRun run(8);
  auto store = run.open();
  run.submit_group(*store, 0, 5);
  run.disk.set_read_only(true);
  const Result<void> refused = write_now(run.loop, *store, insert_note(900, "x"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(count_notes(store->reader()), 10);
  run.disk.set_read_only(false);
  EXPECT_TRUE(write_now(run.loop, *store, insert_note(900, "x")).ok());
}

}  // namespace
}  // namespace fleet::store
