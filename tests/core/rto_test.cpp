#include "fleet/core/rto.h"

#include <gtest/gtest.h>

#include "fleet/core/peer_view.h"

namespace fleet::core {
namespace {

const Timing kTiming;

RttEstimator steady(Micros rtt, int samples = 50) {
  RttEstimator estimator;
  for (int i = 0; i < samples; ++i) estimator.sample(rtt);
  return estimator;
}

TEST(Rto, is_unknown_before_the_first_sample) { EXPECT_FALSE(RttEstimator{}.rto()); }

TEST(Rto, starts_as_rfc_6298_says) {
  const RttEstimator first = steady(Millis{100}, 1);
  EXPECT_EQ(first.srtt(), Millis{100});
  EXPECT_EQ(first.rttvar(), Millis{50});
  EXPECT_EQ(first.rto(), Millis{300});
}

TEST(Rto, follows_with_an_eighth_and_a_quarter) {
  RttEstimator estimator = steady(Millis{100}, 1);
  estimator.sample(Millis{180});
  EXPECT_EQ(estimator.srtt(), Millis{110});
  EXPECT_EQ(estimator.rttvar(), Micros{57'500});
}

TEST(Rto, has_the_clock_granularity_as_its_only_floor) {
  const Micros rto = *steady(Millis{2}).rto();
  EXPECT_EQ(rto, Millis{12});
}

TEST(Stagger, table_of_r2) {
  using enum ChannelId;
  using enum HealthState;
  struct Row {
    const char* what;
    StaggerInput input;
    Micros expected;
  };
  const Row rows[] = {
      {"fast, no samples", {.channel = nats}, Millis{250}},
      {"fast, short", {.channel = nats, .rto = Millis{12}}, Millis{100}},
      {"fast, between", {.channel = http, .rto = Millis{180}}, Millis{180}},
      {"fast, long", {.channel = http, .rto = Millis{900}}, Millis{250}},
      {"fast, a peer far away",
       {.channel = http, .rto = Millis{900}, .least_fast_srtt = Millis{200}},
       Millis{400}},
      {"fast, degraded", {.channel = nats, .health = degraded, .rto = Millis{180}}, Millis{20}},
      {"fast, healing", {.channel = nats, .health = healing}, Millis{20}},
      {"fast, suspect", {.channel = relay, .suspect = true}, Millis{20}},
      {"ssh, no samples", {.channel = ssh}, Millis{2'000}},
      {"ssh, short", {.channel = seed, .rto = Millis{100}}, Millis{500}},
      {"ssh, between", {.channel = ssh, .rto = Millis{600}}, Millis{1'200}},
      {"ssh, long", {.channel = ssh, .rto = Millis{4'000}}, Millis{5'000}},
      {"wake", {.channel = wol}, Millis{100}},
      {"git waits for its cap", {.channel = git}, Millis{30'000}},
      {"cloud waits for its cap", {.channel = cloud}, Millis{5'000}},
  };
  for (const Row& row : rows) EXPECT_EQ(stagger(row.input, kTiming), row.expected) << row.what;
}

TEST(Stagger, the_fastest_road_of_the_peer_sets_the_bound_for_all) {
  PeerView peer;
  peer[ChannelId::nats] = {.configured = true, .srtt = Millis{300}, .rto = Millis{900}};
  peer[ChannelId::http] = {.configured = true, .srtt = Millis{150}, .rto = Millis{200}};
  EXPECT_EQ(peer.stagger(ChannelId::nats, kTiming), Millis{300});
}

TEST(Verdict, comes_after_four_rtos_but_not_before_a_second_nor_after_the_cap) {
  using enum ChannelId;
  EXPECT_EQ(verdict_after(nats, std::nullopt, kTiming), Millis{3'000});
  EXPECT_EQ(verdict_after(nats, Millis{20}, kTiming), Millis{1'000});
  EXPECT_EQ(verdict_after(nats, Millis{400}, kTiming), Millis{1'600});
  EXPECT_EQ(verdict_after(nats, Millis{2'000}, kTiming), Millis{3'000});
}

}  // namespace
}  // namespace fleet::core
