#include "faces/http/seats.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fleet::http {
namespace {

Limits small() {
  Limits limits;
  limits.connections = 8;
  limits.per_address = 3;
  limits.local_reserve = 2;
  limits.strangers = 2;
  return limits;
}

std::vector<Seat> many(std::size_t n, Guest guest, const std::string& key, bool idle) {
  std::vector<Seat> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back({guest, key, idle, false, Tick{static_cast<std::int64_t>(100 - i)}});
  }
  return out;
}

std::vector<Seat> operator+(std::vector<Seat> a, const std::vector<Seat>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Seats, are_free_at_first) {
  for (const Guest guest : {Guest::stranger, Guest::remote, Guest::owner}) {
    const Seating got = seat({}, guest, "a", small());
    EXPECT_TRUE(got.admitted);
    EXPECT_FALSE(got.leaves);
  }
}

TEST(Seats, are_limited_for_one_address) {
  EXPECT_FALSE(seat(many(3, Guest::remote, "a", false), Guest::remote, "a", small()).admitted);
  EXPECT_TRUE(seat(many(3, Guest::remote, "a", false), Guest::remote, "b", small()).admitted);
}

TEST(Seats, pass_from_who_idles_longest_at_the_same_address) {
  const Seating got = seat(many(3, Guest::remote, "a", true), Guest::remote, "a", small());
  EXPECT_TRUE(got.admitted);
  EXPECT_EQ(got.leaves, 2U);
}

TEST(Seats, stay_with_who_has_been_served_while_others_only_sit) {
  auto seats = many(3, Guest::remote, "a", true);
  seats[2].served = true;
  EXPECT_EQ(seat(seats, Guest::remote, "a", small()).leaves, 1U);
}

TEST(Seats, are_kept_for_the_owner_under_a_remote_flood) {
  const auto flood = many(3, Guest::remote, "a", false) + many(3, Guest::remote, "b", false);
  EXPECT_FALSE(seat(flood, Guest::remote, "c", small()).admitted);
  EXPECT_TRUE(seat(flood, Guest::owner, "127.0.0.1", small()).admitted);
  EXPECT_TRUE(
      seat(flood + many(1, Guest::owner, "127.0.0.1", false), Guest::owner, "127.0.0.1", small())
          .admitted);
}

TEST(Seats, pass_to_the_owner_from_anyone_idle) {
  const auto full = many(8, Guest::owner, "127.0.0.1", true);
  const Seating got = seat(full, Guest::owner, "127.0.0.1", small());
  EXPECT_TRUE(got.admitted);
  EXPECT_EQ(got.leaves, 7U);
  const auto mixed = many(7, Guest::owner, "127.0.0.1", true) + many(1, Guest::stranger, "x", true);
  EXPECT_EQ(seat(mixed, Guest::owner, "127.0.0.1", small()).leaves, 7U);
}

TEST(Seats, never_pass_from_the_owner_to_a_remote_one) {
  const auto full = many(8, Guest::owner, "127.0.0.1", true);
  EXPECT_FALSE(seat(full, Guest::remote, "a", small()).admitted);
  EXPECT_FALSE(seat(full, Guest::stranger, "a", small()).admitted);
}

TEST(Seats, of_another_users_processes_are_few) {
  EXPECT_FALSE(
      seat(many(2, Guest::stranger, "127.0.0.1", false), Guest::stranger, "127.0.0.1", small())
          .admitted);
}

TEST(Seats, are_refused_to_the_owner_only_when_all_are_busy) {
  EXPECT_FALSE(seat(many(8, Guest::owner, "l", false), Guest::owner, "l", small()).admitted);
}

}  // namespace
}  // namespace fleet::http
