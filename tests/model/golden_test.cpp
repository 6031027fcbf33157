// Byte for byte against vectors that another implementation wrote (golden/generate.py). A failure
// here means that nodes of two versions no longer understand each other.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fleet/base/hash.h"
#include "fleet/base/pae.h"
#include "fleet/model/envelope.h"
#include "fleet/model/hop.h"
#include "fleet/model/sealed_body.h"
#include "support/bytes.h"

namespace fleet {
namespace {

using nlohmann::json;
using test::hex;

json vectors(const std::string& name) {
  std::ifstream in(std::string(FLEET_SOURCE_DIR "/tests/model/golden/") + name);
  return json::parse(in);
}

std::string text(const json& vector, const char* name) { return vector.at(name); }
std::string bytes(const json& vector, const char* name) { return hex(text(vector, name)); }
Secret secret(const json& vector, const char* name) { return Secret::copy_of(bytes(vector, name)); }

// Answers with the bytes it was given: the ephemeral key of a vector.
class FixedRng final : public Rng {
 public:
  explicit FixedRng(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_EQ(out.size(), bytes_.size());
    std::memcpy(out.data(), bytes_.data(), out.size());
  }

 private:
  std::string bytes_;
};

const OpenSslCrypto kCrypto;

TEST(Golden, pae_of_three_fields_and_fewer) {
  for (const auto& vector : vectors("pae.json")) {
    std::vector<std::string> f;
    for (const auto& field : vector.at("fields")) f.push_back(hex(field.get<std::string>()));
    const std::string encoded = f.empty()       ? pae({})
                                : f.size() == 1 ? pae({f[0]})
                                : f.size() == 2 ? pae({f[0], f[1]})
                                                : pae({f[0], f[1], f[2]});
    EXPECT_EQ(to_hex(encoded), text(vector, "pae"));
  }
}

TEST(Golden, signed_envelopes) {
  const json all = vectors("envelope.json");
  for (const auto& vector : all.at("signed")) {
    SCOPED_TRACE(text(vector, "name"));
    const auto key = kCrypto.signing_key(secret(vector, "seed"));
    const auto type = payload_type_named(text(vector, "type")).value();
    const Envelope envelope = sign_envelope(*key, type, bytes(vector, "payload"));
    EXPECT_EQ(envelope.key_id, text(vector, "key_id"));
    EXPECT_EQ(to_hex(signed_bytes(envelope)), text(vector, "signed_bytes"));
    EXPECT_EQ(to_hex(envelope_hash(envelope)), text(vector, "hash"));
    EXPECT_EQ(to_wire(envelope), text(vector, "wire"));
    EXPECT_EQ(parse_envelope(text(vector, "wire")).value(), envelope);
  }
}

TEST(Golden, psk_envelope) {
  const json vector = vectors("envelope.json").at("psk");
  const Secret key = secret(vector, "key");
  const Envelope envelope = mac_envelope(key, text(vector, "fleet_key_id"), PayloadType::heartbeat,
                                         bytes(vector, "payload"));
  EXPECT_EQ(to_wire(envelope), text(vector, "wire"));
  EXPECT_TRUE(verify_mac(key, envelope));
}

TEST(Golden, sealed_bodies) {
  for (const auto& vector : vectors("sealed_body.json")) {
    SCOPED_TRACE(text(vector, "name"));
    const MessageBody body{text(vector, "subject"), text(vector, "body"), text(vector, "session"),
                           vector.at("refs")};
    const auto recipient = kCrypto.box_key(secret(vector, "recipient_private"));
    FixedRng rng(bytes(vector, "ephemeral_private"));
    const auto header = test::sample_header();
    const auto sealed = seal_body(kCrypto, rng, recipient->public_key(), header,
                                  text(vector, "sender_key_id"), body);
    EXPECT_EQ(to_hex(sealed.value()), text(vector, "sealed"));
    EXPECT_EQ(sealed_size(body), sealed->size());
    EXPECT_EQ(
        open_body(kCrypto, *recipient, header, text(vector, "sender_key_id"), *sealed).value(),
        body);
  }
}

TEST(Golden, hop_macs) {
  const json vector = vectors("hop.json");
  const auto mine = kCrypto.box_key(secret(vector, "mine_private"));
  const auto theirs = kCrypto.box_key(secret(vector, "theirs_private"));
  const Secret key = hop_key(kCrypto, *mine, theirs->public_key()).value();
  EXPECT_EQ(to_hex(key.reveal()), text(vector, "key"));
  const auto header = parse_hop_header(text(vector, "http_header")).value();
  const std::string digest = sha256("body");
  const HttpHop http{"POST", "/fleet/in", "application/json", digest};
  EXPECT_EQ(to_hex(hop_mac(key, http, header)), text(vector, "http_mac"));
  EXPECT_EQ(to_hex(header.mac), text(vector, "http_mac"));
  const NatsHop nats{"fn.a.mac2.mac1", digest};
  EXPECT_EQ(to_hex(hop_mac(key, nats, header)), text(vector, "nats_mac"));
  EXPECT_EQ(to_hex(hop_reply_mac(key, header.mac, 200, digest)), text(vector, "reply_mac"));
}

}  // namespace
}  // namespace fleet
