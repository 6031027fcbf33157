#include <gtest/gtest.h>

#include "store/fault.h"
#include "store_world.h"

namespace fleet::store {
namespace {

class Statements : public ::testing::Test {
 protected:
  asio::io_context loop;
  std::unique_ptr<Database> store = open_inline(":memory:", loop.get_executor(), notes_schema());
  Connection& db = store->reader();
};

TEST_F(Statements, any_bytes_come_back_as_they_went_in) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  db.run("INSERT INTO note(id, body, copy) VALUES(1, ?1, ?2)", every, Blob{every});
  Statement row = db.prepare("SELECT body, copy, typeof(body), typeof(copy) FROM note");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), every);
  EXPECT_EQ(row.blob(1), every);
  EXPECT_EQ(row.text(2), "text");
  EXPECT_EQ(row.text(3), "blob");
  EXPECT_FALSE(row.step());
}

TEST_F(Statements, empty_text_is_not_null) {
  db.run("INSERT INTO note(id, body, copy) VALUES(1, ?1, ?2)", std::string_view(), Blob{});
  Statement row = db.prepare("SELECT body, copy FROM note");
  ASSERT_TRUE(row.step());
  EXPECT_FALSE(row.is_null(0));
  EXPECT_FALSE(row.is_null(1));
  EXPECT_EQ(row.text(0), "");
}

TEST_F(Statements, numbers_nulls_and_times_are_bound_by_type) {
  Statement row = db.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6");
  row.bind_all(INT64_MIN, 7u, 1.5, nullptr, Stamp{1'700'000'000'123}, std::optional<int>{});
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.int64(0), INT64_MIN);
  EXPECT_EQ(row.int64(1), 7);
  EXPECT_DOUBLE_EQ(row.real(2), 1.5);
  EXPECT_TRUE(row.is_null(3));
  EXPECT_EQ(row.stamp(4).ms, 1'700'000'000'123);
  EXPECT_EQ(row.int64_or_null(5), std::nullopt);
}

TEST_F(Statements, one_text_may_be_used_twice_at_once) {
  db.run("INSERT INTO note(id, body) VALUES(1, 'a'), (2, 'b')");
  int pairs = 0;
  Statement outer = db.prepare("SELECT id FROM note");
  while (outer.step()) {
    Statement inner = db.prepare("SELECT id FROM note");
    while (inner.step()) ++pairs;
  }
  EXPECT_EQ(pairs, 4);
}

TEST_F(Statements, a_used_statement_comes_back_without_its_parameters) {
  { db.prepare("SELECT ?1").bind(1, "secret").step(); }
  Statement again = db.prepare("SELECT ?1");
  ASSERT_TRUE(again.step());
  EXPECT_TRUE(again.is_null(0));
}

TEST_F(Statements, a_broken_constraint_is_the_jobs_fault) {
  db.run("INSERT INTO note(id, body) VALUES(1, 'a')");
  try {
    db.run("INSERT INTO note(id, body) VALUES(1, 'private')");
    FAIL() << "the second insert went through";
  } catch (const SqlFault& fault) {
    EXPECT_TRUE(fault.constraint());
    EXPECT_FALSE(fault.storage());
    EXPECT_EQ(std::string(fault.what()).find("private"), std::string::npos);
  }
}

TEST_F(Statements, two_statements_in_one_text_are_refused) {
  EXPECT_THROW(db.prepare("SELECT 1; SELECT 2"), std::logic_error);
  EXPECT_NO_THROW(db.prepare("SELECT 1; \n"));
}

TEST_F(Statements, run_counts_the_rows_it_changed) {
  EXPECT_EQ(db.run("INSERT INTO note(id, body) VALUES(1, 'a'), (5, 'b')"), 2);
  EXPECT_EQ(db.last_rowid(), 5);
  EXPECT_EQ(db.exec("DELETE FROM note WHERE id > ?1", 0), 2);
}

TEST_F(Statements, free_pages_can_be_given_back) {
  db.run("INSERT INTO note(id, body) VALUES(1, zeroblob(200000))");
  db.run("DELETE FROM note");
  const Space before = space(db);
  EXPECT_GT(before.free_pages, 40);
  give_back(db, before.free_pages);
  EXPECT_EQ(space(db).free_pages, 0);
  EXPECT_LT(space(db).pages, before.pages);
}

}  // namespace
}  // namespace fleet::store
