// The published vectors of each algorithm, so that a wrong call of the library cannot pass for a
// right one that merely agrees with itself.
#include "fleet/base/crypto.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "support/fake_crypto.h"

namespace fleet {
namespace {

std::string hex(std::string_view text) { return from_hex(text).value(); }
Secret secret(std::string_view text) { return Secret::copy_of(hex(text)); }

const OpenSslCrypto kCrypto;

TEST(Sha256, hashes_as_fips_180_has_it) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, gives_the_same_in_pieces) {
  EXPECT_EQ(Sha256().update("a").update("").update("bc").finish(), sha256("abc"));
}

TEST(HmacSha256, agrees_with_rfc_4231) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HmacSha256, takes_an_empty_key_for_a_key_of_its_own) {
  const std::string none = hmac_sha256(std::string_view(), "bytes");
  EXPECT_NE(hmac_sha256("some key", "bytes"), none);
  EXPECT_EQ(hmac_sha256(std::string_view(), "bytes"), none);
}

TEST(Ed25519, agrees_with_rfc_8032) {
  const auto key = kCrypto.signing_key(
      secret("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(to_hex(key->public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(key->sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Ed25519, accepts_one_signature_and_no_other) {
  const auto key = kCrypto.signing_key(Secret(32));
  const auto verify = kCrypto.verify_key(key->public_key()).value();
  std::string signature = key->sign("bytes");
  EXPECT_TRUE(verify->verify("bytes", signature));
  EXPECT_FALSE(verify->verify("other", signature));
  EXPECT_FALSE(verify->verify("bytes", signature.substr(1)));
  EXPECT_FALSE(verify->verify("bytes", ""));
  signature[3] = static_cast<char>(signature[3] ^ 1);
  EXPECT_FALSE(verify->verify("bytes", signature));
  EXPECT_TRUE(verify->verify("", key->sign(""))) << "a failure leaves nothing behind";
}

TEST(Ed25519, refuses_a_key_of_another_size) {
  EXPECT_FALSE(kCrypto.verify_key("short"));
  EXPECT_THROW((void)kCrypto.signing_key(Secret(31)), CryptoFault);
}

TEST(X25519, agrees_with_rfc_7748) {
  const auto alice =
      kCrypto.box_key(secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const auto bob =
      kCrypto.box_key(secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(to_hex(alice->public_key()),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  const auto shared = alice->agree(bob->public_key());
  ASSERT_TRUE(shared);
  EXPECT_EQ(to_hex(shared->reveal()),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  EXPECT_EQ(bob->agree(alice->public_key())->reveal(), shared->reveal());
}

TEST(X25519, refuses_every_key_of_low_order) {
  const auto mine = kCrypto.box_key(Secret::copy_of(std::string(32, 'k')));
  for (const std::string_view low :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    EXPECT_FALSE(mine->agree(hex(low))) << low;
  EXPECT_FALSE(mine->agree("short"));
}

TEST(Hkdf, agrees_with_rfc_5869) {
  const Secret derived =
      kCrypto.hkdf_sha256(Secret::copy_of(std::string(22, '\x0b')),
                          hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42);
  EXPECT_EQ(to_hex(derived.reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  const Secret bare = kCrypto.hkdf_sha256(Secret::copy_of(std::string(22, '\x0b')), "", "", 42);
  EXPECT_EQ(to_hex(bare.reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

struct Rfc8439 {
  Secret key = secret("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  std::string nonce = hex("070000004041424344454647");
  std::string aad = hex("50515253c0c1c2c3c4c5c6c7");
  std::string plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
      "future, sunscreen would be it.";
};

TEST(ChaCha20Poly1305, agrees_with_rfc_8439) {
  const Rfc8439 v;
  const std::string sealed = kCrypto.seal(v.key, v.nonce, v.aad, v.plain);
  EXPECT_EQ(to_hex(sealed.substr(0, 16)), "d31a8d34648e60db7b86afbc53ef7ec2");
  EXPECT_EQ(to_hex(sealed.substr(v.plain.size())), "1ae10b594f09e26a7e902ecbd0600691");
  EXPECT_EQ(kCrypto.open(v.key, v.nonce, v.aad, sealed), v.plain);
}

// What the callers rely on, for the real thing and for the simulation's stand-in alike.
void seals_open_only_untouched(const Crypto& crypto) {
  const Rfc8439 v;
  const std::string sealed = crypto.seal(v.key, v.nonce, v.aad, v.plain);
  EXPECT_EQ(sealed.size(), v.plain.size() + kTagSize);
  EXPECT_EQ(crypto.open(v.key, v.nonce, v.aad, sealed), v.plain);
  EXPECT_FALSE(crypto.open(Secret(32), v.nonce, v.aad, sealed));
  EXPECT_FALSE(crypto.open(v.key, std::string(12, '\0'), v.aad, sealed));
  EXPECT_FALSE(crypto.open(v.key, v.nonce, "", sealed));
  EXPECT_FALSE(crypto.open(v.key, v.nonce, v.aad, sealed.substr(0, 15)));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string touched = sealed;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    EXPECT_FALSE(crypto.open(v.key, v.nonce, v.aad, touched)) << "byte " << i;
  }
  EXPECT_EQ(crypto.open(v.key, v.nonce, "", crypto.seal(v.key, v.nonce, "", "")), "");
}

TEST(ChaCha20Poly1305, opens_only_untouched) { seals_open_only_untouched(kCrypto); }
TEST(FakeCrypto, opens_only_untouched) { seals_open_only_untouched(test::FakeCrypto()); }

TEST(FakeCrypto, keeps_the_shape_of_the_real_one) {
  const test::FakeCrypto crypto;
  const auto sign = crypto.signing_key(Secret(32));
  const auto verify = crypto.verify_key(sign->public_key()).value();
  EXPECT_EQ(sign->public_key().size(), kKeySize);
  EXPECT_EQ(sign->sign("x").size(), kSignatureSize);
  EXPECT_TRUE(verify->verify("x", sign->sign("x")));
  EXPECT_FALSE(verify->verify("y", sign->sign("x")));
  const auto a = crypto.box_key(Secret(32)), b = crypto.box_key(secret(std::string(64, '1')));
  EXPECT_EQ(a->agree(b->public_key())->reveal(), b->agree(a->public_key())->reveal());
  EXPECT_NE(a->agree(a->public_key())->reveal(), b->agree(a->public_key())->reveal());
  EXPECT_FALSE(a->agree(std::string(32, '\0')));
}

TEST(OpenSslCrypto, lets_threads_share_a_key) {
  const auto key = kCrypto.signing_key(Secret(32));
  const auto verify = kCrypto.verify_key(key->public_key()).value();
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (int& count : good)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) count += verify->verify("x", key->sign("x")) ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, (std::vector<int>{50, 50, 50, 50}));
}

}  // namespace
}  // namespace fleet
