// Files that are damaged, foreign or newer: set aside or refused, never changed, never overwritten.
#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include "store_in_folder.h"

namespace fleet::store {
namespace {

using test::read_file;
using test::write_file;

using Foreign = StoreInFolder;

class Damage : public StoreInFolder {
 protected:
  void SetUp() override {
    auto store = open();
    fill(*store, 0, 200);
    store.reset();
    bytes = read_file(file);
  }
  void expect_set_aside() {
    auto store = open();
    ASSERT_FALSE(store->opened().set_aside.empty());
    EXPECT_EQ(read_file(store->opened().set_aside), bytes) << "the damaged file was changed";
    EXPECT_EQ(count_notes(store->reader()), 0);
    EXPECT_TRUE(write_now(loop, *store, insert_note(1, "a")).ok());
    store.reset();
    EXPECT_TRUE(open()->opened().set_aside.empty());
  }
  std::string bytes;
};

TEST_F(Damage, a_truncated_file_is_set_aside) {
  bytes.resize(bytes.size() / 2);
  write_file(file, bytes);
  expect_set_aside();
}

TEST_F(Damage, a_file_cut_within_its_header_is_set_aside) {
  bytes.resize(60);
  write_file(file, bytes);
  expect_set_aside();
}

TEST_F(Damage, an_emptied_file_is_not_taken_for_a_new_one) {
  bytes.clear();
  write_file(file, bytes);
  expect_set_aside();
}

TEST_F(Damage, a_broken_header_is_set_aside) {
  bytes[3] = static_cast<char>(bytes[3] ^ 0x20);
  write_file(file, bytes);
  expect_set_aside();
}

TEST_F(Damage, a_broken_page_is_set_aside) {
  for (std::size_t at = 4096 * 8; at < 4096 * 8 + 64; ++at) bytes[at] = '\x5a';
  write_file(file, bytes);
  expect_set_aside();
}

TEST_F(Damage, a_second_damaged_file_does_not_replace_the_first) {
  bytes.resize(bytes.size() / 2);
  write_file(file, bytes);
  const std::string first = open()->opened().set_aside;
  write_file(file, bytes);
  const std::string second = open()->opened().set_aside;
  EXPECT_NE(first, second);
  EXPECT_EQ(read_file(first), bytes);
  EXPECT_EQ(read_file(second), bytes);
}

TEST_F(Damage, a_flipped_bit_in_the_log_loses_no_more_than_its_commit) {
  {
    auto store = open();
    fill(*store, 200, 201);
    std::filesystem::copy_file(file, dir / "copy.db");
    std::filesystem::copy_file(file.string() + "-wal", dir / "copy.db-wal");
  }
  std::string log = read_file(dir / "copy.db-wal");
  log[log.size() - 100] = static_cast<char>(log[log.size() - 100] ^ 1);
  write_file(dir / "copy.db-wal", log);
  file = dir / "copy.db";
  auto store = open();
  EXPECT_TRUE(store->opened().checked);
  EXPECT_TRUE(store->opened().set_aside.empty());
  EXPECT_EQ(count_notes(store->reader()), 200);
}

TEST_F(Foreign, a_file_that_is_no_database_is_refused_and_left_alone) {
  const std::string letter(5'000, 'L');
  write_file(file, letter);
  EXPECT_EQ(open_refused(), "foreign_store");
  EXPECT_EQ(read_file(file), letter);
}

TEST_F(Foreign, another_programs_database_is_refused_and_left_alone) {
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE bookmark(url)");
  const std::string before = read_file(file);
  EXPECT_EQ(open_refused(), "foreign_store");
  EXPECT_EQ(read_file(file), before);
}

TEST_F(Foreign, a_newer_schema_is_refused_and_left_alone) {
  Migrations newer = notes_schema();
  newer.push_back({"notes", 2, "ALTER TABLE note ADD COLUMN extra"});
  try_open(newer).value().reset();
  const std::string before = read_file(file);
  EXPECT_EQ(open_refused(), "newer_store");
  EXPECT_EQ(read_file(file), before);
  EXPECT_TRUE(try_open(newer).value()->opened().set_aside.empty());
}

}  // namespace
}  // namespace fleet::store
