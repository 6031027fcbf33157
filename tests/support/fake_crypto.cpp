#include "support/fake_crypto.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <utility>

namespace fleet::test {

namespace {

std::uint64_t stir(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
  return word;
}

// Lengths go in too, so that ("ab","c") and ("a","bc") differ.
std::uint64_t digest(std::initializer_list<std::string_view> parts) {
  std::uint64_t state = 0;
  for (const auto part : parts) {
    state = stir(state ^ part.size());
    for (std::size_t at = 0; at < part.size(); at += 8) {
      state = (state ^ word_at(part, at)) * 0x9FB21C651E98DF25ULL;
      state ^= state >> 29;
    }
  }
  return stir(state);
}

std::string expand(std::uint64_t seed, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t word = stir(seed + at);
    std::memcpy(bytes.data() + at, &word, std::min<std::size_t>(8, size - at));
  }
  return bytes;
}

std::string expand_of(std::size_t size, std::initializer_list<std::string_view> parts) {
  return expand(digest(parts), size);
}

std::string mixed_with_stream(std::string_view bytes, std::uint64_t seed) {
  std::string mixed(bytes);
  for (std::size_t at = 0; at < mixed.size(); at += 8) {
    const std::uint64_t word = word_at(mixed, at) ^ stir(seed + at);
    std::memcpy(mixed.data() + at, &word, std::min<std::size_t>(8, mixed.size() - at));
  }
  return mixed;
}

std::string public_of(const Secret& private_key, std::string_view kind) {
  if (private_key.size() != kKeySize) throw CryptoFault("a private key must have 32 bytes");
  return expand_of(kKeySize, {kind, private_key.reveal()});
}

std::string signature_of(std::string_view public_key, std::string_view bytes) {
  return expand_of(kSignatureSize, {"sign", public_key, bytes});
}

class FakeSigningKey final : public SigningKey {
 public:
  explicit FakeSigningKey(std::string public_key) : public_(std::move(public_key)) {}
  const std::string& public_key() const override { return public_; }
  std::string sign(std::string_view bytes) const override { return signature_of(public_, bytes); }

 private:
  std::string public_;
};

class FakeVerifyKey final : public VerifyKey {
 public:
  explicit FakeVerifyKey(std::string_view public_key) : public_(public_key) {}
  const std::string& public_key() const override { return public_; }
  bool verify(std::string_view bytes, std::string_view signature) const override {
    return signature == signature_of(public_, bytes);
  }

 private:
  std::string public_;
};

class FakeBoxKey final : public BoxKey {
 public:
  explicit FakeBoxKey(std::string public_key) : public_(std::move(public_key)) {}
  const std::string& public_key() const override { return public_; }
  std::optional<Secret> agree(std::string_view theirs) const override {
    if (theirs.size() != kKeySize || theirs.find_first_not_of('\0') == theirs.npos)
      return std::nullopt;
    std::string_view low = public_, high = theirs;
    if (high < low) std::swap(low, high);
    return Secret::copy_of(expand_of(kKeySize, {"agree", low, high}));
  }

 private:
  std::string public_;
};

}  // namespace

SigningKeyPtr FakeCrypto::signing_key(const Secret& seed) const {
  return std::make_shared<FakeSigningKey>(public_of(seed, "ed"));
}

BoxKeyPtr FakeCrypto::box_key(const Secret& private_key) const {
  return std::make_shared<FakeBoxKey>(public_of(private_key, "x"));
}

Result<VerifyKeyPtr> FakeCrypto::verify_key(std::string_view public_key) const {
  if (public_key.size() != kKeySize) return refuse(Code::invalid, "a sign key must have 32 bytes");
  return VerifyKeyPtr(std::make_shared<FakeVerifyKey>(public_key));
}

Secret FakeCrypto::hkdf_sha256(const Secret& secret, std::string_view salt, std::string_view info,
                               std::size_t size) const {
  return Secret::copy_of(expand_of(size, {"hkdf", secret.reveal(), salt, info}));
}

std::string FakeCrypto::seal(const Secret& key, std::string_view nonce, std::string_view aad,
                             std::string_view plain) const {
  const std::uint64_t stream = digest({"stream", key.reveal(), nonce});
  return mixed_with_stream(plain, stream) +
         expand_of(kTagSize, {"tag", key.reveal(), nonce, aad, plain});
}

std::optional<std::string> FakeCrypto::open(const Secret& key, std::string_view nonce,
                                            std::string_view aad, std::string_view sealed) const {
  if (sealed.size() < kTagSize) return std::nullopt;
  const std::string_view mixed = sealed.substr(0, sealed.size() - kTagSize);
  std::string plain = mixed_with_stream(mixed, digest({"stream", key.reveal(), nonce}));
  if (sealed.substr(mixed.size()) != expand_of(kTagSize, {"tag", key.reveal(), nonce, aad, plain}))
    return std::nullopt;
  return plain;
}

}  // namespace fleet::test
