#include "fleet/core/routing.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

using enum ChannelId;

PeerView peer_with(std::initializer_list<ChannelId> ids) {
  PeerView peer;
  for (const ChannelId id : ids) peer[id].configured = true;
  return peer;
}

ChannelList list(std::initializer_list<ChannelId> ids) {
  ChannelList out;
  for (const ChannelId id : ids) out.push_back(id);
  return out;
}

const PeerView kEverything = peer_with({cloud, nats, http, relay, seed, ssh, wol, git, text});

TEST(Routing, first_roads_of_every_type) {
  const ChannelSet all = kEverything.configured();
  EXPECT_EQ(first_roads(MessageType::alert, all), ChannelSet({nats}));
  EXPECT_EQ(first_roads(MessageType::task, all), ChannelSet({nats, http, relay}));
  EXPECT_EQ(first_roads(MessageType::reply, all), ChannelSet({nats, http}));
  EXPECT_EQ(first_roads(MessageType::context, all), ChannelSet({nats, http, relay, seed}));
  EXPECT_EQ(first_roads(MessageType::broadcast, all), ChannelSet({nats}));
  EXPECT_EQ(first_roads(MessageType::sync, all), ChannelSet({nats, http, relay}));
  EXPECT_EQ(first_roads(MessageType::repair, all), ChannelSet({nats, http, relay, seed, ssh}));
}

TEST(Routing, without_its_first_roads_a_type_takes_the_first_configured_strong_road) {
  EXPECT_EQ(first_roads(MessageType::alert, {http, ssh}), ChannelSet({http}));
  EXPECT_EQ(first_roads(MessageType::broadcast, {seed, ssh, git}), ChannelSet({ssh}));
  EXPECT_EQ(first_roads(MessageType::alert, {git, text}), ChannelSet());
}

TEST(Routing, the_rest_is_everything_else_and_the_cloud_comes_last) {
  EXPECT_EQ(candidates(MessageType::reply, kEverything, Phase::rest),
            list({relay, seed, ssh, wol, git, text, cloud}));
}

TEST(Routing, broadcast_and_sync_do_not_go_on) {
  EXPECT_TRUE(candidates(MessageType::broadcast, kEverything, Phase::rest).empty());
  EXPECT_TRUE(candidates(MessageType::sync, kEverything, Phase::rest).empty());
}

TEST(Routing, healthy_goes_before_degraded_inside_a_set_but_not_across_sets) {
  PeerView peer = peer_with({nats, http, relay, seed});
  peer[nats].health = HealthState::degraded;
  peer[http].health = HealthState::degraded;
  EXPECT_EQ(candidates(MessageType::context, peer, Phase::first_roads),
            list({relay, nats, http, seed}));
}

TEST(Routing, broken_and_healing_roads_are_no_candidates) {
  PeerView peer = peer_with({nats, http, relay});
  peer[nats].health = HealthState::broken;
  peer[http].health = HealthState::healing;
  EXPECT_EQ(candidates(MessageType::task, peer, Phase::first_roads), list({relay}));
}

TEST(Routing, what_is_not_configured_is_never_chosen) {
  for (const MessageType type : kMessageTypes) {
    for (const Phase phase : {Phase::first_roads, Phase::rest}) {
      EXPECT_TRUE(candidates(type, PeerView{}, phase).empty());
    }
  }
}

}  // namespace
}  // namespace fleet::core
