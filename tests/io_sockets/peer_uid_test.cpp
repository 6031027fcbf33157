#include "io/peer_uid.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace fleet::io {
namespace {

constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:2297 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
    "4711 1\n"
    "   1: 0100007F:2297 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "4712 1\n"
    "   2: 0100007F:D431 0100007F:2297 01 00000000:00000000 00:00000000 00000000  1001        0 "
    "4713 1\n"
    "   3: 0100007F:D432 0100007F:2297 06 00000000:00000000 03:00001748 00000000     0        0 0 "
    "3\n";

std::optional<unsigned> owner(const char* ends) {
  std::istringstream table(kTable);
  return owner_in_table(table, ends);
}

TEST(PeerUid, is_read_from_the_clients_row_of_the_table) {
  EXPECT_EQ(owner("0100007F:D431 0100007F:2297"), 1001U);
  EXPECT_EQ(owner("0100007F:2297 0100007F:D431"), 1000U);
  EXPECT_EQ(owner("0100007F:D433 0100007F:2297"), std::nullopt);
}

TEST(PeerUid, is_nobodys_where_no_process_holds_the_socket) {
  EXPECT_EQ(owner("0100007F:D432 0100007F:2297"), std::nullopt);
}

TEST(PeerUid, knows_our_own_unix_socket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  EXPECT_TRUE(peer_has_our_uid(ends[0]));
  for (const int fd : ends) close(fd);
  EXPECT_FALSE(peer_has_our_uid(ends[0]));
}

// A connection over loopback: its listener, the client's end and ours.
struct Loopback {
  explicit Loopback(int family)
      : listener(::socket(family, SOCK_STREAM, 0)), client(::socket(family, SOCK_STREAM, 0)) {
    sockaddr_storage at{};
    socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    at.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET)
      reinterpret_cast<sockaddr_in&>(at).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET6) reinterpret_cast<sockaddr_in6&>(at).sin6_addr = in6addr_loopback;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (bind(listener, address, size) != 0 || listen(listener, 1) != 0) return;
    getsockname(listener, address, &size);
    if (connect(client, address, size) != 0) return;
    ours = accept(listener, nullptr, nullptr);
  }
  ~Loopback() {
    for (const int fd : {listener, client, ours}) {
      if (fd >= 0) close(fd);
    }
  }
  Loopback(const Loopback&) = delete;
  Loopback& operator=(const Loopback&) = delete;

  int listener;
  int client;
  int ours = -1;
};

TEST(PeerUid, knows_our_own_client_over_loopback) {
  for (const int family : {AF_INET, AF_INET6}) {
    Loopback connection(family);
    if (connection.ours < 0) continue;  // a machine without IPv6
    EXPECT_TRUE(peer_has_our_uid(connection.ours));
    close(connection.client);
    connection.client = -1;
    EXPECT_FALSE(peer_has_our_uid(connection.ours));
  }
}

}  // namespace
}  // namespace fleet::io
