#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "io_sockets/live_server.h"
#include "support/temp_dir.h"

namespace fleet::http {
namespace {

TEST(HttpListen, says_that_a_port_is_taken) {
  LiveServer node;
  const auto port = node.listen(Entry::local);
  node.on_loop([&] {
    const std::string address = "127.0.0.1:" + std::to_string(port);
    const auto again = node.server.listen_tcp(Entry::local, address);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::unavailable);
    EXPECT_NE(again.error().message.find(address), std::string::npos);
  });
}

TEST(HttpListen, takes_only_loopback_for_the_local_entry) {
  LiveServer node;
  node.on_loop([&] {
    EXPECT_EQ(node.server.listen_tcp(Entry::local, "192.0.2.1:1").error().code, Code::config);
    EXPECT_EQ(node.server.listen_tcp(Entry::remote, "0.0.0.0:0").error().code, Code::config);
  });
}

TEST(HttpListen, serves_the_unix_socket_to_its_owner_only) {
  test::TempDir folder;
  const std::string path = (folder / "run").string() + "/sock";
  LiveServer node;
  node.on_loop([&] { ASSERT_TRUE(node.server.listen_unix(path).ok()); });
  struct stat info {};
  ASSERT_EQ(lstat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(lstat((folder / "run").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  EXPECT_EQ(status_of(Client(path).ask("POST", "/echo", "{}")), 200);
  node.stop();
  EXPECT_NE(lstat(path.c_str(), &info), 0);
}

TEST(HttpListen, replaces_a_stale_unix_socket_and_leaves_a_live_one) {
  test::TempDir folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  const std::string path = folder / "sock";
  LiveServer first;
  first.on_loop([&] { ASSERT_TRUE(first.server.listen_unix(path).ok()); });
  LiveServer second;
  second.on_loop(
      [&] { EXPECT_EQ(second.server.listen_unix(path).error().code, Code::unavailable); });
  // A killed daemon leaves its socket behind: a second name for it outlives the first's removal.
  std::filesystem::create_hard_link(path, folder / "stale");
  first.stop();
  second.on_loop([&] { EXPECT_TRUE(second.server.listen_unix(folder / "stale").ok()); });
  EXPECT_EQ(status_of(Client((folder / "stale").string()).ask("GET", "/health")), 200);
}

TEST(HttpListen, refuses_a_folder_that_is_open_to_others) {
  test::TempDir folder;
  std::filesystem::create_directory(folder / "run");
  std::filesystem::permissions(folder / "run", std::filesystem::perms::all);
  LiveServer node;
  node.on_loop([&] {
    const auto got = node.server.listen_unix((folder / "run").string() + "/sock");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::config);
    EXPECT_NE(got.error().message.find("chmod 700"), std::string::npos);
  });
}

// Status of a GET by a process of another user; 0 where it got no answer.
int status_as_nobody(std::uint16_t port, const std::string& extra) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    Client client(port);
    client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n" + extra + "\r\n");
    _exit(status_of(client.answer()) / 2);  // an exit status holds eight bits
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) * 2 : 0;
}

TEST(HttpListen, turns_other_users_of_this_machine_away) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  LiveServer node;
  const auto port = node.listen(Entry::local);
  node.on_loop([&] { node.server.set_local_token("the-token"); });
  EXPECT_EQ(status_of(Client(port).ask("GET", "/health")), 200);
  EXPECT_EQ(status_as_nobody(port, ""), 400);  // 401, halved and doubled
  EXPECT_EQ(status_as_nobody(port, "X-Fleet-Token: the-token\r\n"), 200);
}

}  // namespace
}  // namespace fleet::http
