#include "io/file_io.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace fleet::io {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

mode_t mode_of(const fs::path& file) {
  struct stat found {};
  EXPECT_EQ(lstat(file.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST(FileIo, reads_a_file_up_to_the_cap_and_refuses_one_byte_more) {
  const TempDir dir;
  test::write_file(dir / "a", "12345");
  EXPECT_EQ(read_file(dir / "a", 5).value(), "12345");
  EXPECT_EQ(read_file(dir / "a", 4).error().code, Code::too_large);
  EXPECT_EQ(read_file(dir / "none", 4).error().code, Code::not_found);
}

TEST(FileIo, reads_an_empty_file) {
  const TempDir dir;
  test::write_file(dir / "a", "");
  EXPECT_EQ(read_file(dir / "a", 5).value(), "");
}

TEST(FileIo, follows_no_link_and_reads_no_fifo) {
  const TempDir dir;
  test::write_file(dir / "a", "12345");
  fs::create_symlink(dir / "a", dir / "link");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  const auto link = read_file(dir / "link", 10);
  ASSERT_FALSE(link.ok());
  EXPECT_EQ(link.error().code, Code::config);
  EXPECT_NE(link.error().message.find("symbolic link"), std::string::npos);
  EXPECT_EQ(read_file(dir / "pipe", 10).error().code, Code::config);
}

TEST(FileIo, an_atomic_write_replaces_the_file_and_leaves_nothing_beside_it) {
  const TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "a", "old").ok());
  ASSERT_TRUE(write_file_atomically(dir / "a", "new", 0644).ok());
  EXPECT_EQ(test::read_file(dir / "a"), "new");
  EXPECT_EQ(mode_of(dir / "a"), 0644U);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator{}), 1);
}

TEST(FileIo, an_atomic_write_into_no_folder_is_refused) {
  const TempDir dir;
  const auto written = write_file_atomically(dir / "none" / "a", "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, Code::not_found);
}

TEST(FileIo, a_private_file_is_made_once_with_0600) {
  const TempDir dir;
  ASSERT_TRUE(create_private_file(dir / "key", "secret").ok());
  EXPECT_EQ(mode_of(dir / "key"), 0600U);
  EXPECT_EQ(create_private_file(dir / "key", "other").error().code, Code::conflict);
  EXPECT_EQ(read_private_file(dir / "key", 100).value(), "secret");
  EXPECT_EQ(read_secret_file(dir / "key", 100).value().reveal(), "secret");
}

TEST(FileIo, a_private_file_that_others_can_read_is_refused_with_the_command_to_run) {
  const TempDir dir;
  ASSERT_TRUE(create_private_file(dir / "key", "secret").ok());
  ASSERT_EQ(chmod((dir / "key").c_str(), 0640), 0);
  const auto read = read_private_file(dir / "key", 100);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Code::config);
  EXPECT_NE(read.error().message.find("chmod 600 '" + (dir / "key").string() + "'"),
            std::string::npos);
  EXPECT_EQ(read.error().message.find("secret"), std::string::npos);
}

TEST(FileIo, a_private_file_with_a_second_name_is_refused) {
  const TempDir dir;
  ASSERT_TRUE(create_private_file(dir / "key", "secret").ok());
  fs::create_hard_link(dir / "key", dir / "other");
  EXPECT_EQ(read_private_file(dir / "key", 100).error().code, Code::config);
  EXPECT_EQ(check_private_file(dir / "key").error().code, Code::config);
}

TEST(FileIo, a_file_of_another_user_is_refused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const TempDir dir;
  ASSERT_TRUE(create_private_file(dir / "key", "secret").ok());
  ASSERT_EQ(chown((dir / "key").c_str(), 12'345, 12'345), 0);
  const auto checked = check_private_file(dir / "key");
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("sudo chown 0 "), std::string::npos);
}

TEST(FileIo, a_private_folder_is_made_with_its_parents_and_checked_after) {
  const TempDir dir;
  const fs::path deep = dir / "a" / "b";
  ASSERT_TRUE(make_private_dir(deep).ok());
  EXPECT_EQ(mode_of(deep), 0700U);
  ASSERT_TRUE(make_private_dir(deep).ok());
  ASSERT_EQ(chmod(deep.c_str(), 0755), 0);
  const auto open = make_private_dir(deep);
  ASSERT_FALSE(open.ok());
  EXPECT_NE(open.error().message.find("chmod 700 "), std::string::npos);
}

TEST(FileIo, a_link_is_no_private_folder) {
  const TempDir dir;
  ASSERT_TRUE(make_private_dir(dir / "real").ok());
  fs::create_directory_symlink(dir / "real", dir / "link");
  EXPECT_EQ(check_private_dir(dir / "link").error().code, Code::config);
}

}  // namespace
}  // namespace fleet::io
