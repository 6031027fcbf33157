#include "services/heartbeat/rules.h"

#include <gtest/gtest.h>

#include "fleet/model/envelope.h"
#include "support/fake_crypto.h"

namespace fleet::heartbeat {
namespace {

Beat full_beat() {
  Beat beat{"mac1", 0x00f3a9c2b4d5e6f7, 42, Stamp{1'700'000'000'000}};
  beat.branch = "main";
  beat.commit = std::string(40, 'a');
  beat.sessions = 3;
  beat.http = {"192.168.1.4:8855", "[fe80::1]:8855"};
  return beat;
}

std::vector<FleetKey> ring_of(std::initializer_list<std::uint8_t> ids) {
  std::vector<FleetKey> ring;
  for (const std::uint8_t id : ids) {
    ring.push_back({id, Secret::copy_of(std::string(kKeySize, static_cast<char>('a' + id)))});
  }
  return ring;
}

const std::string kNonce(kNonceSize, 'n');

TEST(Heartbeat, says_all_it_knows_and_is_read_back_the_same) {
  EXPECT_EQ(decode_beat(encode_beat(full_beat())), full_beat());
}

TEST(Heartbeat, leaves_out_what_it_does_not_know) {
  Beat beat{"mac1", 1, 1, Stamp{1}};
  const std::string text = encode_beat(beat);
  EXPECT_EQ(text.find("branch"), std::string::npos);
  EXPECT_EQ(text.find("http"), std::string::npos);
  EXPECT_EQ(decode_beat(text), beat);
}

TEST(Heartbeat, ignores_fields_of_a_newer_version_but_not_another_version) {
  EXPECT_TRUE(
      decode_beat(R"({"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1,"new":[1]})"));
  EXPECT_FALSE(decode_beat(R"({"v":2,"from":"a","boot":"0000000000000001","n":1,"ts":1})"));
}

TEST(Heartbeat, is_refused_where_anything_needed_is_missing_or_misshapen) {
  for (const char* text : {
           "",
           "[]",
           "{}",
           "null",
           R"({"from":"a","boot":"0000000000000001","n":1,"ts":1})",
           R"({"v":1,"from":"A","boot":"0000000000000001","n":1,"ts":1})",
           R"({"v":1,"from":"a","boot":"0000000000000000","n":1,"ts":1})",
           R"({"v":1,"from":"a","boot":"1","n":1,"ts":1})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":0,"ts":1})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":"1","ts":1})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":1})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1,"http":"x"})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1,"http":[1]})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1,"sessions":-1})",
           R"({"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1,"branch":"a\u001b[2J"})",
           R"({"v":1,"v":1,"from":"a","boot":"0000000000000001","n":1,"ts":1})",
       }) {
    EXPECT_FALSE(decode_beat(text)) << text;
  }
}

TEST(Heartbeat, fits_a_datagram_whatever_it_has_to_say) {
  Beat beat{std::string(32, 'x'), ~Epoch{0}, std::uint64_t{1} << 53, Stamp{std::int64_t{1} << 53}};
  beat.branch = std::string(1000, '"');
  beat.commit = std::string(64, 'f');
  beat.sessions = 1'000'000;
  beat.http.assign(9, "[" + std::string(46, 'f') + "]:65535");
  const test::FakeCrypto crypto;
  const auto key = crypto.signing_key(Secret(kKeySize));
  const std::string line = to_wire(sign_envelope(*key, PayloadType::heartbeat, encode_beat(beat)));
  EXPECT_GT(room_beside(line.size()), 0U);
  const std::string sealed = seal_datagram(crypto, ring_of({1}).front(), "f", kNonce, line);
  EXPECT_LE(sealed.size(), kDatagramBytes);
}

TEST(Heartbeat, leaves_the_room_of_a_short_receipt_beside_an_ordinary_beat) {
  const test::FakeCrypto crypto;
  const auto key = crypto.signing_key(Secret(kKeySize));
  const auto line = to_wire(sign_envelope(*key, PayloadType::heartbeat, encode_beat(full_beat())));
  EXPECT_GE(room_beside(line.size()), 500U);
  EXPECT_EQ(room_beside(kDatagramBytes), 0U);
}

TEST(Heartbeat, cuts_a_long_branch_between_two_characters) {
  Beat beat = full_beat();
  beat.branch = std::string(kMaxBranchBytes - 1, 'a') + "é";
  const auto read = decode_beat(encode_beat(beat));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->branch, std::string(kMaxBranchBytes - 1, 'a'));
}

TEST(HeartbeatDatagram, opens_with_any_key_of_the_ring_and_with_no_other) {
  const test::FakeCrypto crypto;
  const auto ring = ring_of({2, 1});
  for (const FleetKey& key : ring) {
    const std::string sealed = seal_datagram(crypto, key, "fleet", kNonce, "hello");
    EXPECT_EQ(open_datagram(crypto, ring, "fleet", sealed), "hello");
    EXPECT_FALSE(open_datagram(crypto, ring_of({3}), "fleet", sealed));
    EXPECT_FALSE(open_datagram(crypto, ring, "another", sealed));
  }
}

TEST(HeartbeatDatagram, opens_only_as_it_was_sealed) {
  const test::FakeCrypto crypto;
  const auto ring = ring_of({1, 2});
  const std::string sealed = seal_datagram(crypto, ring.front(), "fleet", kNonce, "hello");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 3);
    EXPECT_FALSE(open_datagram(crypto, ring, "fleet", changed)) << i;
    EXPECT_FALSE(open_datagram(crypto, ring, "fleet", sealed.substr(0, i))) << i;
  }
  EXPECT_FALSE(open_datagram(crypto, ring, "fleet", std::string(kDatagramBytes + 1, '\1')));
}

TEST(HeartbeatDatagram, holds_the_beat_first_and_then_its_riders) {
  const Lines lines = split_lines("beat\none\n\ntwo\n");
  EXPECT_EQ(lines.beat, "beat");
  EXPECT_EQ(lines.riders, (std::vector<std::string_view>{"one", "two"}));
  EXPECT_TRUE(split_lines("beat").riders.empty());
  EXPECT_TRUE(split_lines("").beat.empty());
  EXPECT_EQ(split_lines(std::string(100, '\n') + "x").riders.size(), 1U);
}

TEST(HeartbeatAddress, is_borne_out_only_by_the_source_of_its_packet) {
  EXPECT_EQ(borne_out("10.0.0.1:8855", "10.0.0.1:9000"), "10.0.0.1:9000");
  EXPECT_EQ(borne_out("10.0.0.1:8855", "0.0.0.0:9000"), "10.0.0.1:9000");
  EXPECT_EQ(borne_out("[fe80::1]:8855", "[::]:9000"), "[fe80::1]:9000");
  for (const char* claimed : {"10.0.0.2:9000", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", ":9000",
                              "10.0.0.1:99999", "10.0.0.1:90a", "", "10.0.0.1:9000/x"}) {
    EXPECT_FALSE(borne_out("10.0.0.1:8855", claimed)) << claimed;
  }
  EXPECT_FALSE(borne_out("", "0.0.0.0:1"));
}

}  // namespace
}  // namespace fleet::heartbeat
