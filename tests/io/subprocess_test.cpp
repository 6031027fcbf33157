#include "io/subprocess.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/temp_dir.h"

namespace fleet::io {
namespace {

constexpr Millis kPatience{10'000};

class SubprocessTest : public ::testing::Test {
 protected:
  Program shell(const std::string& script) const {
    return {.words = {"/bin/sh", "-c", script},
            .environment = {"GREETING=hello"},
            .folder = dir_.path(),
            .output = dir_ / "out"};
  }
  std::string output() const {
    std::ifstream file(dir_ / "out");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  test::TempDir dir_{};
};

TEST_F(SubprocessTest, gives_its_exit_status_and_writes_to_the_file) {
  auto child = Subprocess::start(shell("echo one; echo two >&2; exit 7"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(kPatience), 7);
  EXPECT_EQ(output(), "one\ntwo\n");
  EXPECT_FALSE(child->running());
}

TEST_F(SubprocessTest, knows_nothing_of_our_environment) {
  auto child = Subprocess::start(shell("echo $GREETING $HOME"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(kPatience), 0);
  EXPECT_EQ(output(), "hello\n");
}

TEST_F(SubprocessTest, says_what_could_not_be_started) {
  Program none = shell("");
  none.words = {(dir_ / "nothing").string()};
  const auto child = Subprocess::start(none);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, Code::not_found);
  EXPECT_NE(child.error().message.find("nothing"), std::string::npos);
}

TEST_F(SubprocessTest, that_does_not_mind_a_signal_is_killed) {
  auto child = Subprocess::start(shell("trap '' TERM; echo up; while :; do read x; done"));
  ASSERT_TRUE(child);
  child->kill_now();
  EXPECT_EQ(child->wait(kPatience), 128 + 9);
}

TEST(FindProgram, looks_in_the_folders_of_the_path) {
  EXPECT_TRUE(find_program("sh", "/nowhere:/bin"));
  EXPECT_FALSE(find_program("no-such-program-here", "/bin"));
}

}  // namespace
}  // namespace fleet::io
