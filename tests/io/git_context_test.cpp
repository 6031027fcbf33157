#include "io/git_context.h"

#include <gtest/gtest.h>

#include "io/disk_space.h"
#include "support/temp_dir.h"

namespace fleet::io {
namespace {

const std::string kCommit(40, 'a');
const std::string kOther(40, 'b');

struct GitContextTest : testing::Test {
  test::TempDir dir{};
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((dir / name).parent_path());
    test::write_file(dir / name, text);
  }
  GitState read(const std::string& folder = "") {
    return read_git_state(folder.empty() ? dir.path() : dir / folder);
  }
};

TEST_F(GitContextTest, reads_the_branch_and_its_loose_commit) {
  put(".git/HEAD", "ref: refs/heads/feature/x\n");
  put(".git/refs/heads/feature/x", kCommit + "\n");
  EXPECT_EQ(read(), (GitState{"feature/x", kCommit}));
}

TEST_F(GitContextTest, reads_a_packed_commit_where_there_is_no_loose_one) {
  put(".git/HEAD", "ref: refs/heads/main\n");
  put(".git/packed-refs", "# pack-refs with: peeled\n" + kOther + " refs/heads/mainline\n" +
                              kCommit + " refs/heads/main\n");
  EXPECT_EQ(read(), (GitState{"main", kCommit}));
}

TEST_F(GitContextTest, a_branch_without_a_commit_is_a_branch) {
  put(".git/HEAD", "ref: refs/heads/main\n");
  EXPECT_EQ(read(), (GitState{"main", ""}));
}

TEST_F(GitContextTest, a_detached_head_is_a_commit) {
  put(".git/HEAD", kCommit + "\n");
  EXPECT_EQ(read(), (GitState{"", kCommit}));
}

TEST_F(GitContextTest, a_worktree_points_at_its_repository) {
  put("repo/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
  put("repo/.git/worktrees/w/commondir", "../..\n");
  put("repo/.git/refs/heads/side", kCommit + "\n");
  put("tree/.git", "gitdir: " + (dir / "repo/.git/worktrees/w").string() + "\n");
  EXPECT_EQ(read("tree"), (GitState{"side", kCommit}));
}

TEST_F(GitContextTest, what_is_no_repository_or_points_elsewhere_is_nothing) {
  EXPECT_EQ(read(), GitState{});
  EXPECT_EQ(read("missing"), GitState{});
  for (const char* head :
       {"", "ref: refs/heads/../../secret\n", "ref: refs/tags/v1\n", "hello\n"}) {
    put(".git/HEAD", head);
    EXPECT_EQ(read(), GitState{}) << head;
  }
}

TEST(DiskSpace, is_known_of_a_folder_that_exists_and_of_no_other) {
  EXPECT_GT(free_bytes("/").value_or(0), 0U);
  EXPECT_FALSE(free_bytes("/no such folder"));
}

}  // namespace
}  // namespace fleet::io
