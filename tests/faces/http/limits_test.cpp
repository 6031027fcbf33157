#include "faces/http/limits.h"

#include <gtest/gtest.h>

#include <string>

namespace fleet::http {
namespace {

constexpr Tick kStart{1'000'000};

TEST(AddressBuckets, give_five_a_second_and_then_none) {
  AddressBuckets buckets;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(buckets.charge("10.0.0.1", kStart)) << i;
  EXPECT_FALSE(buckets.charge("10.0.0.1", kStart));
  EXPECT_FALSE(buckets.charge("10.0.0.1", kStart + Millis{199}));
  EXPECT_TRUE(buckets.charge("10.0.0.1", kStart + Millis{201}));
  EXPECT_FALSE(buckets.charge("10.0.0.1", kStart + Millis{202}));
}

TEST(AddressBuckets, refill_up_to_the_burst_only) {
  AddressBuckets buckets;
  EXPECT_TRUE(buckets.charge("10.0.0.1", kStart));
  int given = 0;
  while (buckets.charge("10.0.0.1", kStart + Seconds{3600})) ++given;
  EXPECT_EQ(given, 5);
}

TEST(AddressBuckets, count_each_address_by_itself) {
  AddressBuckets buckets(1, 1);
  EXPECT_TRUE(buckets.charge("10.0.0.1", kStart));
  EXPECT_FALSE(buckets.charge("10.0.0.1", kStart));
  EXPECT_TRUE(buckets.charge("10.0.0.2", kStart));
}

TEST(AddressBuckets, stay_bounded_under_a_flood_of_addresses) {
  AddressBuckets buckets(5, 5, 100);
  int given = 0;
  for (int i = 0; i < 10'000; ++i) given += buckets.charge(std::to_string(i), kStart) ? 1 : 0;
  EXPECT_EQ(buckets.size(), 100U);
  EXPECT_EQ(given, 105);  // whoever finds no row shares one bucket
}

TEST(AddressBuckets, forget_who_has_been_quiet) {
  AddressBuckets buckets(5, 5, 2);
  EXPECT_TRUE(buckets.charge("a", kStart));
  EXPECT_TRUE(buckets.charge("b", kStart));
  const Tick later = kStart + Seconds{5};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(buckets.charge("c", later));
  EXPECT_FALSE(buckets.charge("c", later));
  EXPECT_EQ(buckets.size(), 1U);
}

TEST(AddressBuckets, survive_a_clock_that_stands_still_or_starts_at_zero) {
  AddressBuckets buckets(5, 5);
  int given = 0;
  for (int i = 0; i < 100; ++i) given += buckets.charge("a", Tick{0}) ? 1 : 0;
  EXPECT_EQ(given, 5);
}

TEST(AddressKey, counts_an_ipv6_network_once_and_a_mapped_ipv4_as_itself) {
  EXPECT_EQ(address_key("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(address_key("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(address_key("2001:db8::1"), address_key("2001:db8::ffff:2"));
  EXPECT_NE(address_key("2001:db8::1"), address_key("2001:db8:0:1::1"));
  EXPECT_EQ(address_key("fe80::1%eth0"), address_key("fe80::2"));
  EXPECT_EQ(address_key("unix"), "unix");
}

}  // namespace
}  // namespace fleet::http
