#include <gtest/gtest.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <stdexcept>

#include "store_world.h"

namespace fleet::store {
namespace {

struct World {
  asio::io_context loop;
  std::unique_ptr<Database> store = open_inline(":memory:", loop.get_executor(), notes_schema());
  Database& db = *store;
  std::vector<std::string> log;

  void spawn(Task<void> task) { asio::co_spawn(loop, std::move(task), asio::detached); }
};

Task<void> insert_and_log(World& world, std::int64_t id) {
  auto job = [id](Connection& db) {
    db.run("INSERT INTO note(id, body) VALUES(?1, 'x')", id);
    return db.last_rowid();
  };
  Result<std::int64_t> row = co_await world.db.write(job);
  world.log.push_back(row.ok() ? "row " + std::to_string(*row) : row.error().message);
}

TEST(Write, everyone_who_waits_shares_one_commit) {
  World world;
  for (int id = 1; id <= 50; ++id) world.spawn(insert_and_log(world, id));
  drain(world.loop);
  EXPECT_EQ(world.db.counters().commits, 1u);
  EXPECT_EQ(world.db.counters().jobs, 50u);
  ASSERT_EQ(world.log.size(), 50u);
  EXPECT_EQ(world.log.front(), "row 1");
  EXPECT_EQ(world.log.back(), "row 50");
}

TEST(Write, nothing_is_answered_before_the_commit) {
  World world;
  bool answered = false;
  bool early = false;
  auto look = [&](Connection&) { early = answered; };
  world.db.submit(insert_note(1, "a"), [&](Result<void>) { answered = true; });
  world.db.submit(look, [](Result<void>) {});
  EXPECT_FALSE(answered);
  drain(world.loop);
  EXPECT_TRUE(answered);
  EXPECT_FALSE(early);
}

Task<void> insert_then_throw(World& world, std::int64_t id) {
  auto job = [id](Connection& db) {
    db.run("INSERT INTO note(id, body) VALUES(?1, 'x')", id);
    throw std::runtime_error("changed my mind");
  };
  try {
    Result<void> done = co_await world.db.write(job);
    world.log.push_back(done.ok() ? "committed" : "error");
  } catch (const std::runtime_error& thrown) {
    world.log.push_back(thrown.what());
  }
}

TEST(Write, a_job_that_throws_is_undone_alone_and_hears_its_own_exception) {
  World world;
  world.spawn(insert_and_log(world, 1));
  world.spawn(insert_then_throw(world, 2));
  world.spawn(insert_and_log(world, 3));
  drain(world.loop);
  EXPECT_EQ(world.log, (std::vector<std::string>{"row 1", "changed my mind", "row 3"}));
  EXPECT_EQ(count_notes(world.db.reader()), 2);
  EXPECT_EQ(world.db.counters().commits, 1u);
  EXPECT_EQ(world.db.counters().rolled_back, 1u);
}

Task<void> insert_then_refuse(World& world, bool refused) {
  auto job = [refused](Connection& db) -> Result<std::string> {
    db.run("INSERT INTO note(id, body) VALUES(9, 'x')");
    if (refused) return refuse(Code::conflict, "same id, other bytes");
    return std::string("kept");
  };
  Result<std::string> done = co_await world.db.write(job);
  world.log.push_back(done.ok() ? *done : done.error().message);
}

TEST(Write, a_refusing_job_leaves_nothing_behind) {
  World world;
  world.spawn(insert_then_refuse(world, true));
  drain(world.loop);
  EXPECT_EQ(count_notes(world.db.reader()), 0);
  world.spawn(insert_then_refuse(world, false));
  drain(world.loop);
  EXPECT_EQ(count_notes(world.db.reader()), 1);
  EXPECT_EQ(world.log, (std::vector<std::string>{"same id, other bytes", "kept"}));
}

TEST(Write, a_job_may_own_what_cannot_be_copied) {
  World world;
  auto owned = std::make_unique<int>(41);
  auto body = [](World& w, std::unique_ptr<int> number) -> Task<void> {
    auto job = [number = std::move(number)](Connection&) { return *number + 1; };
    Result<int> got = co_await w.db.write(std::move(job));
    w.log.push_back(std::to_string(*got));
  };
  world.spawn(body(world, std::move(owned)));
  drain(world.loop);
  EXPECT_EQ(world.log, std::vector<std::string>{"42"});
}

TEST(Write, a_full_queue_says_so) {
  asio::io_context loop;
  Options small;
  small.queue_jobs = 2;
  auto store =
      open_inline(":memory:", loop.get_executor(), notes_schema(), nullptr, std::move(small));
  std::vector<bool> answers;
  int retry_after = 0;
  for (int id = 1; id <= 3; ++id) {
    store->submit(insert_note(id, "x"), [&](Result<void> done) {
      answers.push_back(done.ok());
      if (!done.ok()) retry_after = done.error().retry_after_s;
    });
  }
  drain(loop);
  EXPECT_EQ(std::count(answers.begin(), answers.end(), true), 2);
  EXPECT_EQ(retry_after, 1);
}

TEST(Write, a_simulated_disk_decides_when_the_commit_happens) {
  asio::io_context loop;
  std::vector<std::function<void()>> due;
  Options slow;
  slow.commit_later = [&](std::function<void()> commit) { due.push_back(std::move(commit)); };
  auto store =
      open_inline(":memory:", loop.get_executor(), notes_schema(), nullptr, std::move(slow));
  bool answered = false;
  store->submit(insert_note(1, "a"), [&](Result<void>) { answered = true; });
  store->submit(insert_note(2, "b"), [](Result<void>) {});
  drain(loop);
  EXPECT_FALSE(answered);
  ASSERT_EQ(due.size(), 1u);
  due.front()();
  EXPECT_TRUE(answered);
  EXPECT_EQ(count_notes(store->reader()), 2);
}

TEST(Write, one_answer_that_throws_does_not_swallow_the_others) {
  World world;
  int answered = 0;
  world.db.submit(insert_note(1, "a"), [](Result<void>) { throw std::logic_error("a bug"); });
  world.db.submit(insert_note(2, "b"), [&](Result<void>) { ++answered; });
  EXPECT_THROW(world.loop.run(), std::logic_error);
  drain(world.loop);
  EXPECT_EQ(answered, 1);
}

TEST(Write, a_store_that_is_dropped_forgets_what_waits) {
  World world;
  world.spawn(insert_and_log(world, 1));
  world.loop.run_one();
  world.store.reset();
  drain(world.loop);
  EXPECT_TRUE(world.log.empty());
}

TEST(Migrations, steps_run_once_and_in_order) {
  asio::io_context loop;
  const Migrations two{{"a", 1, "CREATE TABLE t(x)"},
                       {"b", 1, "CREATE TABLE u(x)"},
                       {"a", 2, "ALTER TABLE t ADD COLUMN y; INSERT INTO t VALUES(1, 2)"}};
  auto store = open_inline(":memory:", loop.get_executor(), two);
  EXPECT_TRUE(store->opened().fresh);
  ASSERT_TRUE(migrate(store->reader(), two).ok());
  EXPECT_EQ(store->reader().number("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(store->reader().number("SELECT version FROM schema_version WHERE slice='a'"), 2);
}

TEST(Migrations, a_newer_database_is_refused) {
  asio::io_context loop;
  auto store = open_inline(":memory:", loop.get_executor(), notes_schema());
  store->reader().run("UPDATE schema_version SET version = 2");
  Result<void> refused = migrate(store->reader(), notes_schema());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().wire_name(), "newer_store");
}

TEST(Migrations, a_broken_step_changes_nothing) {
  asio::io_context loop;
  auto store = open_inline(":memory:", loop.get_executor(), notes_schema());
  Migrations broken = notes_schema();
  broken.push_back({"notes", 2, "CREATE TABLE extra(x)"});
  broken.push_back({"notes", 3, "CREATE TABLE nonsense("});
  EXPECT_ANY_THROW((void)migrate(store->reader(), broken));
  EXPECT_EQ(store->reader().number("SELECT count(*) FROM sqlite_schema WHERE name='extra'"), 0);
  EXPECT_FALSE(store->reader().in_transaction());
}

TEST(Migrations, a_gap_in_the_list_is_a_bug) {
  asio::io_context loop;
  EXPECT_THROW(open_inline(":memory:", loop.get_executor(), {{"a", 2, "SELECT 1"}}),
               std::logic_error);
}

}  // namespace
}  // namespace fleet::store
