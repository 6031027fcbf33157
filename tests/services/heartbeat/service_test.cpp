#include "services/heartbeat/service.h"

#include <gtest/gtest.h>

#include <deque>

#include "io/udp.h"
#include "support/small_fleet.h"

namespace fleet::heartbeat {
namespace {

struct Packet {
  std::string to, bytes;
};

struct FixedGit final : io::GitContext {
  io::GitState state{"main", std::string(40, 'c')};
  bool stuck = false;
  io::Signal never{};
  Task<io::GitState> read() override {
    if (stuck) co_await never.wait();
    co_return state;
  }
};

std::vector<FleetKey> ring() {
  std::vector<FleetKey> keys;
  keys.push_back({1, Secret::copy_of(std::string(kKeySize, 'k'))});
  return keys;
}

// The node under test is mac1; mac2 is a second service whose packets the test carries.
struct HeartbeatTest : testing::Test {
  test::SliceWorld world{};
  std::unique_ptr<store::Database> db =
      store::open_inline(":memory:", world.loop.get_executor(), kMigrations);
  FixedGit git{};
  std::vector<Packet> sent{};
  std::string rider{};
  std::vector<std::string> lines{};
  HeartbeatService node{needs(), ring()};

  trust::Membership other_members = world.fleet.membership("mac2");
  peers::PeerBook other_book{world.clock, world.timing};
  std::vector<Packet> other_sent{};
  Epoch other_boot = 0xb007;

  ~HeartbeatTest() override {
    node.stop();
    world.settle();
  }

  HeartbeatService::Needs needs() {
    HeartbeatService::Needs needs{
        world.loop.get_executor(), world.clock,  world.rng,  *db,          world.fleet.crypto(),
        world.membership,          world.events, world.book, world.timing, 0xa11ce};
    needs.send = [this](std::string_view address, std::string_view bytes) {
      sent.push_back({std::string(address), std::string(bytes)});
      return address != "unroutable:1";
    };
    needs.rider = [this](const NodeId&, std::size_t max) {
      return rider.size() <= max ? rider : "";
    };
    needs.on_line = [this](std::string line) { lines.push_back(std::move(line)); };
    needs.http_addresses = [] { return std::vector<std::string>{"10.0.0.1:8855"}; };
    needs.sessions = [] { return std::int64_t{2}; };
    needs.git = &git;
    return needs;
  }

  void start() {
    node.open();
    asio::co_spawn(world.loop, node.run(), asio::detached);
    world.settle();
  }

  // A datagram that mac2 would have sent, of this content.
  std::string packet_of(const Beat& beat, const std::string& riders = "",
                        const std::string& author = "mac2") {
    const trust::Membership members = world.fleet.membership(author);
    std::string text = to_wire(members.sign(PayloadType::heartbeat, encode_beat(beat)));
    if (!riders.empty()) text += '\n' + riders;
    return seal_datagram(world.fleet.crypto(), ring().front(), "testfleet",
                         std::string(kNonceSize, static_cast<char>(beat.n)), text);
  }
  Beat beat(std::uint64_t n, std::int64_t ahead_ms = 0) {
    Beat made{"mac2", other_boot, n, world.clock.stamp() + Millis{ahead_ms}};
    made.branch = "topic";
    made.http = {"10.0.0.2:8855", "10.9.9.9:8855"};
    return made;
  }
  void take(const Beat& what) { node.take({packet_of(what), "10.0.0.2:8855"}); }
  const peers::PeerRecord& mac2() { return *world.book.find("mac2"); }
};

TEST_F(HeartbeatTest, goes_to_every_known_udp_address_at_once_and_then_about_every_ten_seconds) {
  world.book.configure_udp("mac2", {"10.0.0.2:8855", "100.64.0.2:8855"});
  start();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].to, "10.0.0.2:8855");
  EXPECT_EQ(sent[1].to, "100.64.0.2:8855");
  world.pass(Seconds{8});
  EXPECT_EQ(sent.size(), 2U);
  world.pass(Seconds{4});
  EXPECT_EQ(sent.size(), 4U);
  world.pass(Seconds{100});
  EXPECT_NEAR(static_cast<double>(sent.size()) / 2, 12, 2);
}

TEST_F(HeartbeatTest, says_boot_count_git_sessions_and_addresses) {
  world.book.configure_udp("mac2", {"10.0.0.2:8855"});
  start();
  ASSERT_EQ(sent.size(), 1U);
  const auto opened = open_datagram(world.fleet.crypto(), ring(), "testfleet", sent.front().bytes);
  ASSERT_TRUE(opened);
  const auto verified = trust::verify_line(other_members, *opened);
  ASSERT_TRUE(verified);
  const auto read = decode_beat(verified->envelope.payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->from, "mac1");
  EXPECT_EQ(read->boot, 0xa11ceU);
  EXPECT_EQ(read->n, 1U);
  EXPECT_EQ(read->branch, "main");
  EXPECT_EQ(read->commit, git.state.commit);
  EXPECT_EQ(read->sessions, 2);
  EXPECT_EQ(read->http, std::vector<std::string>{"10.0.0.1:8855"});
  EXPECT_EQ(node.own_report().branch, "main");
}

TEST_F(HeartbeatTest, a_git_that_does_not_answer_delays_it_a_fifth_of_a_second_and_no_more) {
  world.book.configure_udp("mac2", {"10.0.0.2:8855"});
  git.stuck = true;
  start();
  EXPECT_TRUE(sent.empty());
  world.pass(Millis{200}, Millis{100});
  EXPECT_EQ(sent.size(), 1U);
}

TEST_F(HeartbeatTest, carries_a_receipt_line_where_it_fits_and_none_where_it_does_not) {
  world.book.configure_udp("mac2", {"10.0.0.2:8855"});
  rider = std::string(300, 'r');
  start();
  rider = std::string(1200, 'r');
  world.pass(Seconds{12});
  ASSERT_EQ(sent.size(), 2U);
  std::vector<std::size_t> riders;
  for (const Packet& packet : sent) {
    EXPECT_LE(packet.bytes.size(), kDatagramBytes);
    const auto text = open_datagram(world.fleet.crypto(), ring(), "testfleet", packet.bytes);
    riders.push_back(split_lines(*text).riders.size());
  }
  EXPECT_EQ(riders, (std::vector<std::size_t>{1, 0}));
}

TEST_F(HeartbeatTest, a_fresh_one_is_a_sign_of_life_and_teaches_what_it_says) {
  take(beat(1, 4'000));
  EXPECT_EQ(mac2().liveness.presence, core::Presence::online);
  EXPECT_EQ(mac2().liveness.boot, other_boot);
  EXPECT_EQ(mac2().report.branch, "topic");
  EXPECT_EQ(mac2().report.skew_ms, 4'000);
  EXPECT_EQ(node.last_beat("mac2"), world.clock.now());
  EXPECT_EQ(node.traffic().heard, 1U);
}

TEST_F(HeartbeatTest, an_address_is_learnt_only_where_the_packet_came_from_it) {
  take(beat(1));
  EXPECT_EQ(world.book.addresses("mac2", ChannelId::http),
            std::vector<std::string>{"10.0.0.2:8855"});
  EXPECT_EQ(world.book.udp_addresses("mac2"), std::vector<std::string>{"10.0.0.2:8855"});
}

TEST_F(HeartbeatTest, riders_of_a_fresh_one_are_handed_on) {
  node.take({packet_of(beat(1), "a receipt"), "10.0.0.2:8855"});
  EXPECT_EQ(lines, std::vector<std::string>{"a receipt"});
  node.take({packet_of(beat(1), "a receipt"), "10.0.0.2:8855"});
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(HeartbeatTest, a_repeated_one_changes_nothing) {
  take(beat(1));
  world.pass(Seconds{60});
  world.book.tick();
  const std::string recorded = packet_of(Beat{"mac2", other_boot, 1, Stamp{1'000}});
  node.take({recorded, "10.0.0.66:1"});
  EXPECT_EQ(mac2().liveness.presence, core::Presence::silent);
  EXPECT_EQ(world.book.udp_addresses("mac2").size(), 1U);
  EXPECT_EQ(node.traffic().refused, 1U);
}

TEST_F(HeartbeatTest, one_of_an_earlier_boot_is_known_as_a_recording) {
  const std::string recorded = packet_of(beat(7));
  world.pass(Seconds{20});
  other_boot = 0xb008;
  take(beat(1));
  node.take({recorded, "10.0.0.2:8855"});
  EXPECT_EQ(mac2().liveness.boot, 0xb008U);
  EXPECT_EQ(world.event_types(), std::vector<std::string>{"heartbeat.refused"});
}

TEST_F(HeartbeatTest, the_highest_time_outlives_a_restart) {
  const std::string recorded = packet_of(beat(1));
  start();
  world.pass(Seconds{20});
  take(beat(2));
  world.pass(Seconds{100});
  EXPECT_EQ(load_marks(db->reader()).at("mac2").ms, 21'000);
  HeartbeatService restarted(needs(), ring());
  restarted.open();
  restarted.take({recorded, "10.0.0.2:8855"});
  EXPECT_EQ(restarted.traffic().refused, 1U);
  EXPECT_FALSE(restarted.last_beat("mac2"));
}

TEST_F(HeartbeatTest, a_restarted_peer_is_told_apart) {
  std::vector<bool> restarts;
  world.book.watch([&](const NodeId&, const core::LifeTransition& change) {
    restarts.push_back(change.restarted);
  });
  take(beat(9));
  world.pass(Seconds{10});
  other_boot = 0xb008;
  take(beat(1));
  EXPECT_EQ(restarts, (std::vector<bool>{false, true}));
}

TEST_F(HeartbeatTest, what_is_not_a_members_own_word_is_dropped_in_silence) {
  node.take({"", "10.0.0.2:8855"});
  node.take({std::string(900, 'x'), "10.0.0.2:8855"});
  EXPECT_EQ(node.traffic().unopened, 2U);
  // mac3 signs, but says that it is mac2.
  node.take({packet_of(beat(1), "", "mac3"), "10.0.0.3:8855"});
  // Somebody sends us our own.
  Beat own{"mac1", 0xa11ce, 1, world.clock.stamp()};
  node.take({packet_of(own, "", "mac1"), "10.0.0.1:8855"});
  // Sealed with the fleet's key, but no envelope.
  node.take({seal_datagram(world.fleet.crypto(), ring().front(), "testfleet",
                           std::string(kNonceSize, 'n'), "hello"),
             "10.0.0.2:8855"});
  EXPECT_EQ(node.traffic().refused, 3U);
  EXPECT_EQ(world.book.records().size(), 0U);
  EXPECT_TRUE(sent.empty());
}

TEST_F(HeartbeatTest, one_from_beyond_five_minutes_is_refused_and_said_once) {
  take(beat(1, 301'000));
  take(beat(2, 301'000));
  EXPECT_EQ(world.book.find("mac2"), nullptr);
  EXPECT_EQ(world.event_types(), std::vector<std::string>{"heartbeat.refused"});
}

TEST_F(HeartbeatTest,
       a_clock_that_is_off_by_more_than_thirty_seconds_is_said_when_it_starts_and_ends) {
  take(beat(1, 29'000));
  take(beat(2, 31'000));
  take(beat(3, 32'000));
  take(beat(4, -5));
  EXPECT_EQ(world.event_types(),
            (std::vector<std::string>{"peer.clock_skewed", "peer.clock_right"}));
}

TEST_F(HeartbeatTest, nothing_is_sent_without_a_fleet_key) {
  node.change_ring({});
  world.book.configure_udp("mac2", {"10.0.0.2:8855"});
  start();
  EXPECT_TRUE(sent.empty());
}

TEST_F(HeartbeatTest, ends_when_told_in_the_middle_of_its_wait) {
  bool ended = false;
  node.open();
  asio::co_spawn(world.loop, node.run(), [&](std::exception_ptr) { ended = true; });
  world.settle();
  EXPECT_FALSE(ended);
  node.stop();
  world.settle();
  EXPECT_TRUE(ended);
}

TEST_F(HeartbeatTest, what_the_kernel_would_not_take_is_counted) {
  world.book.configure_udp("mac2", {"unroutable:1", "10.0.0.2:8855"});
  start();
  EXPECT_EQ(node.traffic().sent, 1U);
  EXPECT_EQ(node.traffic().unsent, 1U);
}

}  // namespace
}  // namespace fleet::heartbeat
