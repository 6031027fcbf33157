#include "fleet/model/envelope.h"

#include <gtest/gtest.h>

#include "support/bytes.h"

namespace fleet {
namespace {

const OpenSslCrypto kCrypto;

Envelope sample(std::string payload = R"({"v":1})") {
  return sign_envelope(*kCrypto.signing_key(test::key_of('a')), PayloadType::message,
                       std::move(payload));
}

VerifyKeyPtr verify_key() {
  return kCrypto.verify_key(kCrypto.signing_key(test::key_of('a'))->public_key()).value();
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return text.replace(at, what.size(), with);
}

Code refusal(std::string_view json) {
  const auto parsed = parse_envelope(json);
  EXPECT_FALSE(parsed) << json;
  return parsed ? Code::config : parsed.error().code;
}

TEST(Envelope, comes_back_from_its_wire_form_and_verifies) {
  for (const PayloadType type : {PayloadType::message, PayloadType::receipt, PayloadType::heartbeat,
                                 PayloadType::roster, PayloadType::hop_http, PayloadType::hop_nats,
                                 PayloadType::relay_receipt, PayloadType::pair}) {
    const auto key = kCrypto.signing_key(test::key_of('a'));
    const Envelope sent = sign_envelope(*key, type, "any \xFF bytes");
    const auto got = parse_envelope(to_wire(sent));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, sent);
    EXPECT_TRUE(verify_envelope(*verify_key(), *got));
    EXPECT_EQ(payload_type_named(to_string(type)), type);
  }
}

TEST(Envelope, verifies_under_its_own_key_and_untouched_only) {
  const Envelope good = sample();
  const auto other = kCrypto.signing_key(test::key_of('b'));
  EXPECT_FALSE(verify_envelope(*kCrypto.verify_key(other->public_key()).value(), good));
  Envelope touched = good;
  touched.payload += " ";
  EXPECT_FALSE(verify_envelope(*verify_key(), touched));
  touched = good;
  touched.type = PayloadType::receipt;
  EXPECT_FALSE(verify_envelope(*verify_key(), touched)) << "the type is inside the signed bytes";
  touched = good;
  touched.key_id = key_id(other->public_key());
  EXPECT_FALSE(verify_envelope(*verify_key(), touched));
}

// A road may order, space and escape the outer JSON as it likes; the message stays the same one.
TEST(Envelope, keeps_its_hash_when_a_road_re_encodes_it) {
  const Envelope sent = sample();
  const std::string wire = to_wire(sent);
  const std::string reordered = "\n{ \"s\" : \"" + to_base64url(sent.signature) + "\",\t\"p\":\"" +
                                to_base64url(sent.payload) + "\",\r\n\"k\":\"" + sent.key_id +
                                "\", \"t\":\"fn\\/msg\\u002f1\",\"fn\":1 } \n";
  for (const std::string& form : {wire, wire + "\n", reordered}) {
    const auto got = parse_envelope(form);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(envelope_hash(*got), envelope_hash(sent));
    EXPECT_TRUE(verify_envelope(*verify_key(), *got));
  }
  EXPECT_EQ(envelope_hash(sent).size(), 32u);
  EXPECT_NE(envelope_hash(sample("other")), envelope_hash(sent));
}

TEST(Envelope, refuses_broken_outer_json) {
  const std::string wire = to_wire(sample());
  for (const std::string& broken :
       {std::string(), std::string("{}"), std::string("[]"), wire + "x", wire + wire,
        wire.substr(0, wire.size() - 1), replaced(wire, "{\"fn\":1,", "{\"fn\":1,\"fn\":1,"),
        replaced(wire, "{\"fn\":1,", "{\"x\":1,\"fn\":1,"), replaced(wire, "\"fn\":1", "\"fn\":11"),
        replaced(wire, "\"fn\":1", "\"fn\":1.0"), replaced(wire, "\"fn\":1,", "\"fn\":1,,"),
        replaced(wire, "\"}", "\",}"), replaced(wire, "\"t\"", "\"\\u0074\""),
        std::string(3, '\0') + wire, "\xEF\xBB\xBF" + wire})
    EXPECT_EQ(refusal(broken), Code::malformed) << broken;
}

TEST(Envelope, refuses_fields_that_no_sender_writes) {
  const std::string wire = to_wire(sample());
  const std::string key = "\"k\":\"" + sample().key_id + "\"";
  for (const std::string& bad :
       {replaced(wire, "\"fn\":1", "\"fn\":2"), replaced(wire, "fn/msg/1", "fn/msg/2"),
        replaced(wire, "fn/msg/1", ""), replaced(wire, "fn/msg/1", "fn/msg/1\n"),
        replaced(wire, "fn/msg/1", "fn/msg/1\\\""), replaced(wire, "fn/msg/1", "fn/msg/1\\\\"),
        replaced(wire, "fn/msg/1", "fn/msg/1\\u0000"), replaced(wire, key, "\"k\":\"\""),
        replaced(wire, key, "\"k\":\"UPPER\""),
        replaced(wire, key, "\"k\":\"" + std::string(65, 'a') + "\""),
        replaced(wire, "\"p\":\"", "\"p\":\"="), replaced(wire, "\"p\":\"", "\"p\":\"\\n"),
        replaced(wire, "\"s\":\"", "\"s\":\"AAAA"), replaced(wire, "\"fn\":1,", ""),
        replaced(wire, key, "\"k\":\"psk:k1\"")})
    EXPECT_EQ(refusal(bad), Code::invalid) << bad;
}

TEST(Envelope, names_the_missing_field) {
  const auto parsed = parse_envelope(R"({"fn":1,"t":"fn/msg/1","k":"a","p":""})");
  ASSERT_FALSE(parsed);
  ASSERT_EQ(parsed.error().fields.size(), 1u);
  EXPECT_EQ(parsed.error().fields[0].path, "s");
}

TEST(Envelope, is_refused_by_size_before_anything_is_read) {
  EXPECT_EQ(refusal(std::string(kEnvelopeMaxBytes + 1, '{')), Code::too_large);
  const auto parsed = parse_envelope(to_wire(sample()), 20);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::too_large);
}

TEST(Envelope, never_shows_its_payload_in_a_refusal) {
  const std::string wire = to_wire(sample("a secret payload"));
  const auto parsed = parse_envelope(wire + "x");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message.find(to_base64url("a secret payload").substr(0, 8)),
            std::string::npos);
}

TEST(Envelope, in_psk_mode_is_held_by_the_fleet_key) {
  const Secret key = test::key_of('f');
  const Envelope sent = mac_envelope(key, "k1", PayloadType::message, "payload");
  const auto got = parse_envelope(to_wire(sent));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(is_psk(*got));
  EXPECT_TRUE(verify_mac(key, *got));
  EXPECT_FALSE(verify_mac(test::key_of('g'), *got));
  EXPECT_FALSE(verify_envelope(*verify_key(), *got));
  EXPECT_FALSE(verify_mac(key, sample())) << "a signed envelope is no psk envelope";
}

TEST(KeyId, is_26_characters_that_fit_everywhere) {
  const std::string id = key_id(std::string(32, 'x'));
  EXPECT_EQ(id.size(), 26u);
  EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
  EXPECT_NE(id, key_id(std::string(32, 'y')));
}

}  // namespace
}  // namespace fleet
