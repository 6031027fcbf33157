#include "services/trust/hops.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "fleet/base/hash.h"
#include "services/trust/wrong_clock.h"

namespace fleet::trust {
namespace {

constexpr std::string_view kType = "application/x-fleet-frame";
constexpr std::string_view kFrom = "10.0.0.9";
const HopFacts kPost{"POST", "/frame", kType};

struct Node {
  OpenSslCrypto crypto{};
  SeededRng rng;
  WrongClock clock{};
  Membership membership;
  std::unique_ptr<Hops> hops{};

  Node(const NodeId& name, const Roster& roster, std::uint64_t seed)
      : rng(seed), membership(crypto, identity(name), roster) {
    start();
  }
  void start() { hops = std::make_unique<Hops>(Hops::Needs{clock, crypto, membership, rng}); }
  Identity identity(const NodeId& name) const {
    const Secret seed = Secret::copy_of(sha256(name));
    return {name, crypto.signing_key(seed), crypto.box_key(seed)};
  }
};

Roster roster_of(const std::vector<NodeId>& names) {
  const OpenSslCrypto crypto;
  Roster roster;
  roster.fleet = "test";
  roster.seq = 1;
  for (const NodeId& name : names) {
    const Secret seed = Secret::copy_of(sha256(name));
    roster.nodes.push_back({name, crypto.signing_key(seed)->public_key(),
                            crypto.box_key(seed)->public_key(), NodeRole::worker, Stamp{}});
  }
  return roster;
}

struct HopsTest : testing::Test {
  Roster roster = roster_of({"mac1", "mac2", "mac3"});
  Node a{"mac1", roster, 1};
  Node b{"mac2", roster, 2};

  HopsTest() {
    a.clock.advance(Seconds{5});
    b.clock.advance(Seconds{5});
  }

  std::string sign(std::string_view body = "frame", std::string_view challenge = "") {
    return a.hops->seal("mac2")->sign("POST", "/frame", kType, body, challenge);
  }
  Result<HopPeer> admit(std::string_view line, std::string_view body = "frame",
                        const HopFacts& facts = kPost, std::string_view from = kFrom) {
    const auto head = b.hops->admit_head(line, from);
    if (!head) return head.error();
    return b.hops->admit_body(*head, facts, body);
  }
};

TEST_F(HopsTest, let_in_who_signed_this_very_request) {
  const auto peer = admit(sign());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->node, "mac1");
  EXPECT_EQ(peer->skew.count(), 0);
  EXPECT_TRUE(admit(sign())) << "and the next one";
}

TEST_F(HopsTest, refuse_a_replay) {
  const std::string line = sign();
  EXPECT_TRUE(admit(line));
  EXPECT_FALSE(admit(line));
}

TEST_F(HopsTest, refuse_what_was_signed_for_something_else) {
  EXPECT_FALSE(admit(sign("frame"), "frame "));
  EXPECT_FALSE(admit(sign(), "frame", {"PUT", "/frame", kType}));
  EXPECT_FALSE(admit(sign(), "frame", {"POST", "/pair", kType}));
  EXPECT_FALSE(admit(sign(), "frame", {"POST", "/frame", "text/plain"}));
  EXPECT_FALSE(admit(sign(), "frame", {kNatsMethod, "/frame", ""}));
}

TEST_F(HopsTest, refuse_another_destination_before_the_body_is_read) {
  const std::string line = a.hops->seal("mac3")->sign("POST", "/frame", kType, "frame", "");
  EXPECT_FALSE(b.hops->admit_head(line, kFrom));
}

TEST_F(HopsTest, refuse_their_own_words_reflected) {
  const std::string line = b.hops->seal("mac1")->sign("POST", "/frame", kType, "frame", "");
  EXPECT_FALSE(b.hops->admit_head(line, kFrom));
}

TEST_F(HopsTest, refuse_strangers_and_the_revoked) {
  Node stranger{"mac9", roster_of({"mac2", "mac9"}), 3};
  const std::string line = stranger.hops->seal("mac2")->sign("POST", "/frame", kType, "frame", "");
  EXPECT_FALSE(b.hops->admit_head(line, kFrom));

  const std::string before = sign();
  const auto head = b.hops->admit_head(before, kFrom);
  ASSERT_TRUE(head);
  b.membership.adopt(roster_of({"mac2", "mac3"}));
  EXPECT_FALSE(b.hops->admit_body(*head, kPost, "frame")) << "it left while its body came";
  EXPECT_FALSE(b.hops->admit_head(sign(), kFrom));
}

TEST_F(HopsTest, refuse_every_flipped_byte) {
  const std::string line = sign();
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string changed = line;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    EXPECT_FALSE(admit(changed)) << "byte " << i;
  }
  EXPECT_TRUE(admit(line)) << "none of them spoiled the real one";
}

TEST_F(HopsTest, give_one_answer_for_every_reason) {
  const Error unknown = b.hops->admit_head("FleetV1 k=x", kFrom).error();
  const Error elsewhere =
      b.hops->admit_head(a.hops->seal("mac3")->sign("POST", "/", "", "", ""), kFrom).error();
  const Error forged = admit(sign(), "other").error();
  for (const Error& error : {elsewhere, forged}) {
    EXPECT_EQ(error.code, Code::unauthenticated);
    EXPECT_EQ(error.name, unknown.name);
    EXPECT_EQ(error.message, unknown.message);
  }
}

TEST_F(HopsTest, take_a_wrong_clock_where_it_answers_the_challenge) {
  for (const Millis error : {Millis{301'000}, Millis{-301'000}, Millis{1'000'000'000}}) {
    a.clock.error = error;
    EXPECT_FALSE(admit(sign()));
    const std::string line = sign("frame", b.hops->challenge(kFrom));
    const auto peer = admit(line);
    ASSERT_TRUE(peer) << error.count();
    EXPECT_EQ(peer->skew, error);
    EXPECT_FALSE(admit(line)) << "a challenge is no way around the counter";
  }
}

TEST_F(HopsTest, believe_a_challenge_from_the_same_address_within_a_minute_only) {
  a.clock.error = Millis{900'000};
  const std::string challenge = b.hops->challenge(kFrom);
  EXPECT_FALSE(admit(sign("frame", challenge), "frame", kPost, "10.0.0.10"));
  EXPECT_FALSE(admit(sign("frame", challenge + "A")));
  EXPECT_FALSE(admit(sign("frame", "5." + challenge.substr(challenge.find('.') + 1, 10))));
  b.clock.advance(Seconds{60});
  EXPECT_TRUE(admit(sign("frame", challenge)));
  b.clock.advance(Seconds{1});
  EXPECT_FALSE(admit(sign("frame", challenge)));
}

TEST_F(HopsTest, ask_for_a_challenge_after_their_own_restart) {
  const std::string recorded = sign();
  b.clock.advance(Seconds{10});
  b.start();
  EXPECT_FALSE(admit(recorded)) << "the counters are forgotten, so its time decides";
  a.clock.advance(Seconds{11});
  EXPECT_TRUE(admit(sign()));

  b.clock.advance(Seconds{20});
  b.start();
  EXPECT_FALSE(admit(sign())) << "its clock is behind our start";
  EXPECT_TRUE(admit(sign("frame", b.hops->challenge(kFrom))));
  EXPECT_TRUE(admit(sign())) << "and from there on its boot is known";
}

TEST_F(HopsTest, know_a_restarted_peer_by_its_later_time) {
  const std::string before = sign();
  EXPECT_TRUE(admit(sign()));
  a.clock.advance(Seconds{1});
  a.start();
  EXPECT_TRUE(admit(sign()));
  EXPECT_FALSE(admit(before)) << "of the boot before";
}

TEST_F(HopsTest, carry_nats_frames_under_their_subject) {
  const std::string subject = "fn.test.mac2.mac1";
  const std::string line = a.hops->seal("mac2")->sign(kNatsMethod, subject, "", "frame", "");
  EXPECT_FALSE(admit(line, "frame", {kNatsMethod, "fn.test.mac2.mac3", ""}, "nats:mac3"));
  EXPECT_TRUE(admit(line, "frame", {kNatsMethod, subject, ""}, "nats:mac1"));
}

TEST_F(HopsTest, prove_the_answer_to_this_request_and_to_no_other) {
  const auto seal = a.hops->seal("mac2");
  const std::string line = seal->sign("POST", "/frame", kType, "frame", "");
  const auto head = b.hops->admit_head(line, kFrom);
  ASSERT_TRUE(head);
  const std::string mac = b.hops->reply_mac(*head, 200, "receipt");
  EXPECT_TRUE(seal->proves(line, 200, "receipt", mac));
  EXPECT_FALSE(seal->proves(line, 503, "receipt", mac));
  EXPECT_FALSE(seal->proves(line, 200, "other", mac));
  EXPECT_FALSE(seal->proves(sign(), 200, "receipt", mac));
  EXPECT_FALSE(seal->proves(line, 200, "receipt", ""));
  EXPECT_FALSE(a.hops->seal("mac3")->proves(line, 200, "receipt", mac));
}

TEST_F(HopsTest, seal_for_members_only) {
  EXPECT_EQ(a.hops->seal("mac9"), nullptr);
  EXPECT_EQ(a.hops->seal("mac1"), nullptr) << "nobody talks to himself over the network";
  EXPECT_EQ(a.hops->seal("mac2"), a.hops->seal("mac2")) << "the pair's key is kept";
}

TEST_F(HopsTest, count_each_frame_once_on_any_number_of_threads) {
  const auto seal = a.hops->seal("mac2");
  std::vector<std::string> lines[4];
  std::vector<std::thread> threads;
  for (auto& mine : lines) {
    threads.emplace_back([&mine, seal] {
      for (int i = 0; i < 100; ++i)
        mine.push_back(seal->sign("POST", "/frame", kType, "frame", ""));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : lines) {
    for (const std::string& line : mine) EXPECT_TRUE(admit(line));
  }
}

}  // namespace
}  // namespace fleet::trust
