#include "fleet/model/sealed_body.h"

#include <gtest/gtest.h>

#include <functional>

#include "fleet/model/envelope.h"
#include "support/bytes.h"
#include "support/fake_crypto.h"

namespace fleet {
namespace {

using test::sample_header;

struct SealedBody : ::testing::Test {
  OpenSslCrypto crypto;
  SeededRng rng{1};
  BoxKeyPtr mine = crypto.box_key(test::key_of('m'));
  MessageBody body{"Build", "Please build main.", "", {"git:abc"}};

  std::string sealed(const MessageBody& what) {
    return seal_body(crypto, rng, mine->public_key(), sample_header(), "key", what).value();
  }
  Result<MessageBody> opened(std::string_view bytes,
                             const MessageHeader& header = sample_header()) {
    return open_body(crypto, *mine, header, "key", bytes);
  }
  Code refusal(const MessageBody& what) {
    const auto result = seal_body(crypto, rng, mine->public_key(), sample_header(), "key", what);
    EXPECT_FALSE(result);
    return result ? Code::config : result.error().code;
  }
};

TEST_F(SealedBody, opens_for_its_recipient_only) {
  const std::string bytes = sealed(body);
  EXPECT_EQ(opened(bytes).value(), body);
  const auto other = crypto.box_key(test::key_of('o'));
  EXPECT_FALSE(open_body(crypto, *other, sample_header(), "key", bytes));
}

TEST_F(SealedBody, differs_every_time_and_shows_nothing) {
  const std::string first = sealed(body), second = sealed(body);
  EXPECT_NE(first, second);
  EXPECT_EQ(first.find("build"), std::string::npos);
}

TEST_F(SealedBody, is_bound_to_every_outer_field) {
  const std::string bytes = sealed(body);
  const std::vector<std::function<void(MessageHeader&)>> changes{
      [](MessageHeader& h) { h.fleet = "fleet-b"; },
      [](MessageHeader& h) { h.from = "mac3"; },
      [](MessageHeader& h) { h.to = "mac3"; },
      [](MessageHeader& h) { h.id.seq = 43; },
      [](MessageHeader& h) { h.dseq = 8; },
      [](MessageHeader& h) { h.type = MessageType::context; },
      [](MessageHeader& h) { h.ts.ms += 1; },
      [](MessageHeader& h) { h.exp.ms += 1; }};
  for (const auto& change : changes) {
    MessageHeader header = sample_header();
    change(header);
    EXPECT_FALSE(opened(bytes, header));
  }
  EXPECT_FALSE(open_body(crypto, *mine, sample_header(), "other key", bytes));
}

TEST_F(SealedBody, opens_only_untouched) {
  const std::string bytes = sealed(body);
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string touched = bytes;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    EXPECT_FALSE(opened(touched)) << "byte " << i;
    EXPECT_FALSE(opened(bytes.substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(opened(std::string(32, '\0') + bytes.substr(32))) << "low-order ephemeral key";
}

TEST_F(SealedBody, hides_the_length_in_steps_of_256_bytes) {
  const std::size_t small = sealed(body).size();
  EXPECT_EQ((small - 48) % 256, 0u);
  EXPECT_EQ(sealed({"", "a", "", {}}).size(), small);
  EXPECT_EQ(sealed({"", std::string(224, 'a'), "", {}}).size(), small);
  EXPECT_EQ(sealed({"", std::string(225, 'a'), "", {}}).size(), small + 256);
}

TEST_F(SealedBody, carries_256_kib_of_any_text_within_one_envelope) {
  MessageBody largest{
      std::string(kMaxSubjectBytes, 's'), "", std::string(kMaxSessionBytes, 'x'),
      std::vector<std::string>(kMaxRefs, std::string(kMaxRefsBytes / kMaxRefs, 'r'))};
  while (largest.body.size() + 4 <= kMaxBodyBytes) largest.body += "\U0001F680";
  const std::string bytes = sealed(largest);
  EXPECT_EQ(bytes.size(), sealed_size(largest));
  EXPECT_EQ(opened(bytes).value(), largest);
  const auto key = crypto.signing_key(test::key_of('a'));
  const auto payload = std::string(4096, ' ') + to_base64url(bytes);
  EXPECT_LE(to_wire(sign_envelope(*key, PayloadType::message, payload)).size(), kEnvelopeMaxBytes);
}

TEST_F(SealedBody, refuses_what_is_too_large_or_no_text) {
  EXPECT_EQ(refusal({"", std::string(kMaxBodyBytes + 1, 'a'), "", {}}), Code::too_large);
  EXPECT_EQ(refusal({std::string(kMaxSubjectBytes + 1, 'a'), "b", "", {}}), Code::too_large);
  EXPECT_EQ(refusal({"", "b", "", std::vector<std::string>(kMaxRefs + 1, "r")}), Code::too_large);
  EXPECT_EQ(refusal({"", "b", "", {std::string(kMaxRefsBytes, 'r'), "r"}}), Code::too_large);
  EXPECT_EQ(refusal({"", "b\xFF", "", {}}), Code::invalid);
  EXPECT_EQ(refusal({"", "b", "", {"\xC3"}}), Code::invalid);
}

TEST_F(SealedBody, refuses_a_recipient_key_of_low_order) {
  EXPECT_FALSE(seal_body(crypto, rng, std::string(32, '\0'), sample_header(), "key", body));
  EXPECT_FALSE(seal_body(crypto, rng, "short", sample_header(), "key", body));
}

// A sender that knows the key may still lay the plain bytes out wrongly.
TEST_F(SealedBody, refuses_a_wrong_layout_inside_a_right_seal) {
  const test::FakeCrypto fake;
  const auto box = fake.box_key(test::key_of('m'));
  struct Unsealed final : Crypto {
    const Crypto& inner;
    std::string plain;
    Unsealed(const Crypto& crypto, std::string bytes) : inner(crypto), plain(std::move(bytes)) {}
    SigningKeyPtr signing_key(const Secret& s) const override { return inner.signing_key(s); }
    BoxKeyPtr box_key(const Secret& s) const override { return inner.box_key(s); }
    Result<VerifyKeyPtr> verify_key(std::string_view k) const override {
      return inner.verify_key(k);
    }
    Secret hkdf_sha256(const Secret& s, std::string_view salt, std::string_view info,
                       std::size_t n) const override {
      return inner.hkdf_sha256(s, salt, info, n);
    }
    std::string seal(const Secret&, std::string_view, std::string_view,
                     std::string_view) const override {
      return {};
    }
    std::optional<std::string> open(const Secret&, std::string_view, std::string_view,
                                    std::string_view) const override {
      return plain;
    }
  };
  const auto reads = [&](std::string plain) {
    return open_body(Unsealed(fake, std::move(plain)), *box, sample_header(), "key",
                     std::string(64, 'e'))
        .ok();
  };
  const std::string empty_field = le64(0);
  const std::string good = le64(3) + empty_field + le64(1) + "b" + empty_field;
  EXPECT_TRUE(reads(good));
  EXPECT_TRUE(reads(good + std::string(255, '\0')));
  EXPECT_FALSE(reads(good + std::string(256, '\0'))) << "a whole step of padding too much";
  EXPECT_FALSE(reads(good + "x")) << "padding that is not zero";
  EXPECT_FALSE(reads(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(reads(le64(2) + empty_field + empty_field));
  EXPECT_FALSE(reads(le64(~0ULL) + empty_field));
  EXPECT_FALSE(reads(le64(3) + le64(~0ULL) + empty_field + empty_field));
  EXPECT_FALSE(reads(le64(3) + empty_field + le64(1) + "\xFF" + empty_field)) << "not UTF-8";
  EXPECT_FALSE(reads(""));
}

}  // namespace
}  // namespace fleet
