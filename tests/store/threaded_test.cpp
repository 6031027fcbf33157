// The daemon's store over real files: lock, answers from another thread, clean and unclean stops.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/Database.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <thread>

#include "store/backup.h"
#include "store/lock.h"
#include "store_in_folder.h"

namespace fleet::store {
namespace {

using test::read_file;
using test::write_file;

using Threaded = StoreInFolder;

TEST_F(Threaded, an_answered_write_is_seen_by_the_reader) {
  auto store = open();
  EXPECT_TRUE(store->opened().fresh);
  EXPECT_TRUE(write_now(loop, *store, insert_note(1, "a")).ok());
  EXPECT_EQ(count_notes(store->reader()), 1);
}

TEST_F(Threaded, jobs_run_on_the_writer_and_answers_on_the_loop) {
  auto store = open();
  std::thread::id job_thread;
  std::thread::id answer_thread;
  store->submit([&](Connection&) { job_thread = std::this_thread::get_id(); },
                [&](Result<void>) { answer_thread = std::this_thread::get_id(); });
  drain(loop);
  EXPECT_NE(job_thread, std::this_thread::get_id());
  EXPECT_EQ(answer_thread, std::this_thread::get_id());
}

TEST_F(Threaded, the_loop_lives_until_its_writes_are_answered) {
  auto store = open();
  fill(*store, 0, 1'000);
  EXPECT_EQ(count_notes(store->reader()), 1'000);
  EXPECT_LT(store->counters().commits, 1'000u);
}

TEST_F(Threaded, waiting_jobs_are_committed_when_the_store_closes) {
  auto store = open();
  for (int id = 0; id < 100; ++id) store->submit(insert_note(id, "x"), [](Result<void>) {});
  store.reset();
  store = open();
  EXPECT_EQ(count_notes(store->reader()), 100);
}

TEST_F(Threaded, what_many_coroutines_write_next_shares_the_next_commit) {
  auto store = open();
  auto producer = [](Database& db, std::int64_t first) -> Task<void> {
    for (std::int64_t id = first; id < first + 20; ++id) {
      Job job = insert_note(id, "x");
      Result<void> done = co_await db.write(std::move(job));
      EXPECT_TRUE(done.ok());
    }
  };
  for (int n = 0; n < 32; ++n) {
    asio::co_spawn(loop, producer(*store, n * 20), asio::detached);
  }
  drain(loop);
  EXPECT_EQ(count_notes(store->reader()), 640);
  EXPECT_LE(store->counters().commits, 42u);
}

TEST_F(Threaded, the_log_stays_bounded_under_load) {
  Options options;
  options.lock.emplace(StoreLock::acquire(dir / "lock").value());
  options.checkpoint_pages = 50;
  auto store = open_threaded(file, loop.get_executor(), notes_schema(), std::move(options)).value();
  for (int round = 0; round < 60; ++round) fill(*store, round * 20, round * 20 + 20);
  EXPECT_GT(store->counters().checkpoints, 2u);
  EXPECT_LT(std::filesystem::file_size(file.string() + "-wal"), 1'000'000u);
}

TEST_F(Threaded, only_the_holder_of_the_lock_opens_it) {
  auto store = open();
  auto second = StoreLock::acquire(dir / "lock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
            std::string::npos);
  store.reset();
  EXPECT_TRUE(StoreLock::acquire(dir / "lock").ok());
  EXPECT_THROW((void)open_threaded(file, loop.get_executor(), notes_schema(), Options{}),
               std::logic_error);
}

TEST_F(Threaded, other_users_cannot_read_the_file) {
  auto store = open();
  fill(*store, 0, 1);
  for (const char* tail : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((file.string() + tail).c_str(), &info), 0) << tail;
    EXPECT_EQ(info.st_mode & 077u, 0u) << tail;
  }
}

TEST_F(Threaded, a_clean_stop_needs_no_check_and_an_unclean_one_does) {
  open().reset();
  auto store = open();
  EXPECT_FALSE(store->opened().checked);
  EXPECT_FALSE(store->opened().fresh);
  store.reset();
  forget_the_clean_stop();
  EXPECT_TRUE(open()->opened().checked);
}

TEST_F(Threaded, a_file_that_changed_after_a_clean_stop_is_checked) {
  open().reset();
  write_file(file, read_file(file));
  EXPECT_TRUE(open()->opened().checked);
}

TEST_F(Threaded, a_folder_that_is_not_there_is_an_answer) {
  file = dir / "missing" / "fleet.db";
  EXPECT_EQ(open_refused(), "unavailable");
}

TEST_F(Threaded, a_folder_in_the_files_place_is_an_answer) {
  std::filesystem::create_directory(file);
  EXPECT_EQ(open_refused(), "unavailable");
}

TEST_F(Threaded, a_read_only_file_is_an_answer) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write to any file";
  open().reset();
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(open_refused(), "unavailable");
}

TEST_F(Threaded, a_backup_is_the_store_at_that_moment) {
  auto store = open();
  fill(*store, 0, 50);
  ASSERT_TRUE(back_up(file, dir / "copy.db").ok());
  EXPECT_FALSE(back_up(file, dir / "copy.db").ok()) << "an older backup was replaced";
  fill(*store, 50, 60);
  store.reset();
  file = dir / "copy.db";
  store = open();
  EXPECT_EQ(count_notes(store->reader()), 50);
  EXPECT_FALSE(store->opened().fresh);
  EXPECT_EQ(store->opened().set_aside, "");
}

TEST_F(Threaded, another_programs_long_lock_is_an_answer) {
  Options options;
  options.lock.emplace(StoreLock::acquire(dir / "lock").value());
  options.busy_wait = Millis{1};
  auto store = open_threaded(file, loop.get_executor(), notes_schema(), std::move(options)).value();
  SQLite::Database other(file.string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const Result<void> refused = write_now(loop, *store, insert_note(1, "x"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::unavailable);
  other.exec("ROLLBACK");
  EXPECT_TRUE(write_now(loop, *store, insert_note(1, "x")).ok());
}

}  // namespace
}  // namespace fleet::store
