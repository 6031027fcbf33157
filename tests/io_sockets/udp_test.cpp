#include "io/udp.h"

#include <gtest/gtest.h>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <chrono>

namespace fleet::io {
namespace {

Task<void> receive_into(UdpSocket& socket, std::optional<Datagram>& got, bool& ended) {
  got = co_await socket.receive();
  ended = true;
}

struct World {
  asio::io_context loop;
  UdpSocket mine = UdpSocket::bind(loop.get_executor(), "127.0.0.1:0").value();
  UdpSocket theirs = UdpSocket::bind(loop.get_executor(), "127.0.0.1:0").value();
  std::optional<Datagram> got;
  bool ended = false;

  std::string address_of(const UdpSocket& socket) const {
    return "127.0.0.1:" + std::to_string(socket.port());
  }
  void receive() {
    asio::co_spawn(loop, receive_into(theirs, got, ended), asio::detached);
    loop.poll();
  }
};

TEST(Udp, carries_a_datagram_and_says_where_it_came_from) {
  World world;
  world.receive();
  ASSERT_TRUE(world.mine.send(world.address_of(world.theirs), "hello"));
  world.loop.run_for(std::chrono::seconds(2));
  ASSERT_TRUE(world.got);
  EXPECT_EQ(world.got->bytes, "hello");
  EXPECT_EQ(world.got->from, world.address_of(world.mine));
}

TEST(Udp, sends_nothing_above_the_bound_and_drops_what_comes_above_it) {
  World world;
  world.receive();
  const std::string most(kDatagramMaxBytes, 'x');
  EXPECT_FALSE(world.mine.send(world.address_of(world.theirs), most + "x"));
  asio::ip::udp::socket raw(world.loop, asio::ip::udp::v4());
  const asio::ip::udp::endpoint to(asio::ip::address_v4::loopback(), world.theirs.port());
  raw.send_to(asio::buffer(most + "x"), to);
  EXPECT_TRUE(world.mine.send(world.address_of(world.theirs), most));
  world.loop.run_for(std::chrono::seconds(2));
  ASSERT_TRUE(world.got);
  EXPECT_EQ(world.got->bytes, most);
}

TEST(Udp, close_ends_the_one_who_waits) {
  World world;
  world.receive();
  world.theirs.close();
  world.loop.run_for(std::chrono::seconds(2));
  EXPECT_TRUE(world.ended);
  EXPECT_FALSE(world.got);
}

TEST(Udp, sends_to_numeric_addresses_only) {
  World world;
  for (const auto* bad :
       {"", "127.0.0.1", "localhost:80", "127.0.0.1:", "127.0.0.1:70000", "::1:80", "[::1]:80x"}) {
    EXPECT_FALSE(world.mine.send(bad, "x")) << bad;
  }
}

TEST(Udp, a_taken_port_and_a_bad_address_are_told_apart) {
  World world;
  const auto taken = UdpSocket::bind(world.loop.get_executor(), world.address_of(world.mine));
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Code::unavailable);
  EXPECT_EQ(UdpSocket::bind(world.loop.get_executor(), "here").error().code, Code::config);
}

TEST(Udp, a_port_where_nobody_listens_does_not_end_the_receiver) {
  World world;
  asio::ip::udp::socket raw(world.loop,
                            asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::string gone = "127.0.0.1:" + std::to_string(raw.local_endpoint().port());
  raw.close();
  world.receive();
  EXPECT_TRUE(world.theirs.send(gone, "anybody?"));  // the kernel answers with ICMP
  world.loop.run_for(std::chrono::milliseconds(50));
  world.mine.send(world.address_of(world.theirs), "still here");
  world.loop.run_for(std::chrono::seconds(2));
  ASSERT_TRUE(world.got);
  EXPECT_EQ(world.got->bytes, "still here");
}

}  // namespace
}  // namespace fleet::io
