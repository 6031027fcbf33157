#include "fleet/model/hop.h"

#include <gtest/gtest.h>

#include "fleet/base/hash.h"
#include "fleet/model/envelope.h"
#include "support/bytes.h"
#include "support/fake_crypto.h"

namespace fleet {
namespace {

HopHeader sample() {
  return {key_id("public"), 0x00f3a9c2b4d5e6f7ULL, 9, 1'700'000'000'000, "mac2",
          "chal-1",         std::string(32, 'm')};
}

TEST(HopHeader, comes_back_from_its_text) {
  HopHeader header = sample();
  EXPECT_EQ(parse_hop_header(format_hop_header(header)).value(), header);
  header.challenge.clear();
  header.counter = ~0ULL;
  header.ts = -1;
  EXPECT_EQ(parse_hop_header(format_hop_header(header)).value(), header);
}

TEST(HopHeader, has_one_text_only) {
  const std::string good = format_hop_header(sample());
  const auto with = [&good](std::string_view what, std::string_view replacement) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), replacement);
  };
  for (const std::string& bad : {std::string(),
                                 std::string("FleetV1 "),
                                 with("FleetV1", "fleetv1"),
                                 with("n=9", "n=09"),
                                 with("n=9", "n=+9"),
                                 with("n=9", "n="),
                                 with("n=9", "n=18446744073709551616"),
                                 with("b=00f3", "b=00F3"),
                                 with("b=00f3", "b=f3"),
                                 with(",c=", ", c="),
                                 with("k=", "x="),
                                 with("d=mac2", "d=MAC2"),
                                 with("d=mac2", "d="),
                                 with("c=chal-1,", ""),
                                 good + ",x=1",
                                 good + "\n",
                                 good + "A",
                                 with("m=", "m=A"),
                                 with("c=chal-1", "c=" + std::string(129, 'c')),
                                 good + std::string(600, 'x')}) {
    const auto parsed = parse_hop_header(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::unauthenticated);
  }
}

TEST(HopFrame, is_the_header_line_and_the_body_as_it_is) {
  const std::string frame = format_hop_frame(sample(), "first\nsecond\n");
  const auto parsed = parse_hop_frame(frame);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->header, sample());
  EXPECT_EQ(parsed->body, "first\nsecond\n");
  EXPECT_FALSE(parse_hop_frame("no header\nbody"));
  EXPECT_FALSE(parse_hop_frame(std::string(10'000, 'x')));
}

TEST(HopKey, is_the_same_from_both_sides_and_for_no_third) {
  const OpenSslCrypto crypto;
  const auto a = crypto.box_key(test::key_of('a')), b = crypto.box_key(test::key_of('b'));
  const auto c = crypto.box_key(test::key_of('c'));
  const Secret ab = hop_key(crypto, *a, b->public_key()).value();
  EXPECT_EQ(ab.reveal(), hop_key(crypto, *b, a->public_key())->reveal());
  EXPECT_NE(ab.reveal(), hop_key(crypto, *c, b->public_key())->reveal());
  EXPECT_FALSE(hop_key(crypto, *a, std::string(32, '\0')));
}

TEST(HopMac, covers_every_fact_of_the_frame) {
  const Secret key = test::key_of('k');
  const std::string digest = sha256("body"), other_digest = sha256("other");
  const HttpHop http{"POST", "/in", "application/json", digest};
  const std::string mac = hop_mac(key, http, sample());
  EXPECT_EQ(mac.size(), 32u);
  EXPECT_NE(mac, hop_mac(test::key_of('j'), http, sample()));
  for (const HttpHop& changed :
       {HttpHop{"PUT", "/in", "application/json", digest},
        HttpHop{"POST", "/on", "application/json", digest}, HttpHop{"POST", "/in", "", digest},
        HttpHop{"POST", "/in", "application/json", other_digest}})
    EXPECT_NE(mac, hop_mac(key, changed, sample()));
  HopHeader header = sample();
  header.mac = "not read";
  header.key_id = "the pair's key says it already";
  EXPECT_EQ(mac, hop_mac(key, http, header));
  EXPECT_NE(mac, hop_mac(key, http, {"", header.boot_id, 10, header.ts, "mac2", "chal-1", ""}));
  EXPECT_NE(mac, hop_mac(key, http, {"", header.boot_id, 9, header.ts, "mac3", "chal-1", ""}));
  EXPECT_NE(mac, hop_mac(key, http, {"", header.boot_id, 9, header.ts, "mac2", "", ""}));
  EXPECT_NE(mac, hop_mac(key, http, {"", 1, 9, header.ts, "mac2", "chal-1", ""}));
  EXPECT_NE(mac, hop_mac(key, http, {"", header.boot_id, 9, 0, "mac2", "chal-1", ""}));
}

TEST(HopMac, differs_between_roads_requests_and_replies) {
  const Secret key = test::key_of('k');
  const std::string digest = sha256("body");
  const std::string nats = hop_mac(key, NatsHop{"fn.a.mac2.mac1", digest}, sample());
  EXPECT_NE(nats, hop_mac(key, NatsHop{"fn.a.mac3.mac1", digest}, sample()));
  EXPECT_NE(nats, hop_mac(key, HttpHop{"fn.a.mac2.mac1", "", "", digest}, sample()));
  const std::string reply = hop_reply_mac(key, nats, 200, digest);
  EXPECT_NE(reply, nats);
  EXPECT_NE(reply, hop_reply_mac(key, nats, 202, digest));
  EXPECT_NE(reply, hop_reply_mac(key, reply, 200, digest));
}

}  // namespace
}  // namespace fleet
