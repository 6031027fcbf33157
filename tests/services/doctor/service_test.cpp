#include "services/doctor/service.h"

#include <gtest/gtest.h>

#include "support/small_fleet.h"

namespace fleet::doctor {
namespace {

struct DoctorTest : testing::Test {
  test::SliceWorld world{};
  DoctorService doctor{};
};

TEST_F(DoctorTest, is_content_only_where_every_check_is) {
  doctor.add([] { return Finding{"a", "A", true, "good", ""}; });
  EXPECT_TRUE(doctor.examine().ok);
  doctor.add([] { return Finding{"b", "B", false, "bad", "mend it"}; });
  const DoctorReply reply = doctor.examine();
  EXPECT_FALSE(reply.ok);
  ASSERT_EQ(reply.checks.size(), 2U);
  EXPECT_EQ(reply.checks[1].remedy, "mend it");
}

TEST_F(DoctorTest, a_check_that_throws_is_a_finding_and_stops_no_other) {
  doctor.add([]() -> Finding { throw std::runtime_error("no such file"); });
  doctor.add([] { return Finding{"a", "A", true, "good", ""}; });
  const DoctorReply reply = doctor.examine();
  EXPECT_FALSE(reply.checks[0].ok);
  EXPECT_EQ(reply.checks[0].detail, "no such file");
  EXPECT_TRUE(reply.checks[1].ok);
}

TEST_F(DoctorTest, an_open_store_is_writable) {
  const auto db = store::open_inline(":memory:", world.loop.get_executor(), {});
  EXPECT_TRUE(store_check(*db)().ok);
}

TEST_F(DoctorTest, a_clock_off_by_more_than_thirty_seconds_is_named_with_its_direction) {
  const Check check = clock_check(world.membership, world.book);
  world.book.report("mac2", {"", "", 30'000, 0, "up"});
  EXPECT_TRUE(check().ok);
  world.book.report("mac2", {"", "", -45'200, 0, "up"});
  EXPECT_EQ(check().detail, "mac2 is 45.2 s behind");
  EXPECT_FALSE(check().remedy.empty());
}

TEST_F(DoctorTest, a_fleet_of_one_has_nothing_to_complain_of) {
  const test::SmallFleet alone({"mac1"});
  const trust::Membership members = alone.membership("mac1");
  EXPECT_TRUE(clock_check(members, world.book)().ok);
  const HeartbeatFacts facts{[](const NodeId&) { return std::nullopt; },
                             [] { return std::uint64_t{99}; }};
  EXPECT_TRUE(heartbeat_check(members, world.book, world.clock, world.timing, facts)().ok);
}

TEST_F(DoctorTest, heartbeats_are_missed_after_three) {
  const HeartbeatFacts facts{[](const NodeId&) { return Tick{0}; },
                             [] { return std::uint64_t{0}; }};
  const Check check =
      heartbeat_check(world.membership, world.book, world.clock, world.timing, facts);
  world.book.configure_udp("mac3", {"10.0.0.3:8855"});
  world.pass(Seconds{33});
  EXPECT_TRUE(check().ok);
  world.pass(Seconds{1});
  EXPECT_EQ(check().detail, "none from mac2, and no udp address to send it ours; none from mac3");
}

TEST_F(DoctorTest, datagrams_that_no_key_opens_point_at_the_key) {
  const HeartbeatFacts facts{[](const NodeId&) { return Tick{0}; },
                             [] { return std::uint64_t{10}; }};
  const Finding found =
      heartbeat_check(world.membership, world.book, world.clock, world.timing, facts)();
  EXPECT_EQ(found.detail, "10 datagrams that our fleet key does not open");
}

TEST_F(DoctorTest, limits_are_told_before_they_are_reached) {
  const auto at = [](std::int64_t n) { return [n] { return n; }; };
  EXPECT_TRUE(outbox_check(at(79), 100)().ok);
  EXPECT_FALSE(outbox_check(at(80), 100)().ok);
  EXPECT_TRUE(inbox_check(at(999))().ok);
  EXPECT_FALSE(inbox_check(at(1000))().ok);
}

TEST_F(DoctorTest, a_disk_that_is_nearly_full_or_does_not_answer_is_wrong) {
  const auto free = [](std::optional<std::uint64_t> n) { return [n] { return n; }; };
  EXPECT_TRUE(disk_check(free(std::uint64_t{1} << 30))().ok);
  EXPECT_EQ(disk_check(free(5 << 20))().detail, "5 MiB free");
  EXPECT_FALSE(disk_check(free(5 << 20))().ok);
  EXPECT_FALSE(disk_check(free(std::nullopt))().ok);
}

TEST_F(DoctorTest, nats_is_wrong_with_its_own_reason) {
  EXPECT_TRUE(nats_check([] { return std::nullopt; })().ok);
  EXPECT_EQ(nats_check([] { return std::optional<std::string>("refused"); })().detail, "refused");
}

}  // namespace
}  // namespace fleet::doctor
