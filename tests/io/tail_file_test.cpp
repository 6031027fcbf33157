#include "io/tail_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace fleet::io {
namespace {

namespace fs = std::filesystem;

struct TailFile : testing::Test {
  test::TempDir dir{};
  fs::path home = fs::path(dir.path()) / "home";
  fs::path file = home / "projects" / "s.jsonl";

  TailFile() {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "0123456789";
  }
  Code refusal(const fs::path& asked) {
    const auto tail = read_tail(home, asked, 0, 100);
    return tail.ok() ? Code::malformed : tail.error().code;
  }
};

TEST_F(TailFile, gives_what_follows_and_the_size_of_the_whole) {
  const auto tail = read_tail(home, file, 4, 3);
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->bytes, "456");
  EXPECT_EQ(tail->size, 10U);
  EXPECT_EQ(read_tail(home, file, 10, 3)->bytes, "");
  EXPECT_EQ(read_tail(home, file, 99, 3)->size, 10U);
  EXPECT_EQ(read_tail(home, file, 0, 0)->bytes, "");
}

TEST_F(TailFile, says_where_there_is_none) {
  EXPECT_EQ(refusal(home / "projects" / "other.jsonl"), Code::not_found);
  EXPECT_EQ(refusal(home / "nowhere" / "s.jsonl"), Code::not_found);
}

TEST_F(TailFile, stays_under_the_home) {
  std::ofstream(fs::path(dir.path()) / "outside") << "x";
  for (const fs::path& bad :
       {fs::path(dir.path()) / "outside", home / ".." / "outside", fs::path("projects/s.jsonl"),
        fs::path("/etc/passwd"), home, fs::path(home.string() + "2/s"), fs::path()}) {
    EXPECT_EQ(refusal(bad), Code::config) << bad;
  }
}

TEST_F(TailFile, follows_no_link_anywhere_on_the_way) {
  fs::create_symlink(file, home / "link.jsonl");
  fs::create_directory_symlink(home / "projects", home / "linked");
  EXPECT_EQ(refusal(home / "link.jsonl"), Code::config);
  EXPECT_FALSE(read_tail(home, home / "linked" / "s.jsonl", 0, 100).ok());
}

TEST_F(TailFile, hangs_in_no_pipe_and_reads_no_folder) {
  ASSERT_EQ(::mkfifo((home / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(home / "pipe"), Code::config);
  EXPECT_EQ(refusal(home / "projects"), Code::config);
}

}  // namespace
}  // namespace fleet::io
