// The only room for OpenSSL outside io: arithmetic on keys, no I/O, no randomness. Algorithms are
// fetched once for the process and symmetric contexts live once per thread, since a fetch costs
// more than hashing a short message.
#include "fleet/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <utility>

#include "fleet/base/hash.h"

namespace fleet {

namespace {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PkeyCtx = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using MdCtx = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using MacCtx = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using KdfCtx = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;
using CipherCtx = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

// Never null: to OpenSSL a null key means "the same as last time".
const char* data(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }
const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(data(bytes));
}
unsigned char* out(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

// A failure leaves entries in the thread's error queue, which TLS code would take for its own.
bool fine(bool ok) {
  if (!ok) ERR_clear_error();
  return ok;
}
void must(bool ok, const char* what) {
  if (!fine(ok)) throw CryptoFault(std::string("OpenSSL refused: ") + what);
}

// Never freed: threads may still hash while the process ends.
struct Algorithms {
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_KDF* hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_CIPHER* chacha = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
};

const Algorithms& algorithms() {
  static const Algorithms all;
  must(all.sha256 && all.hmac && all.hkdf && all.chacha, "an algorithm is missing");
  return all;
}

OSSL_PARAM text_param(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}
OSSL_PARAM bytes_param(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(data(bytes)), bytes.size());
}

Pkey private_key(const char* algorithm, const Secret& raw) {
  must(raw.size() == kKeySize, "a private key must have 32 bytes");
  Pkey key(
      EVP_PKEY_new_raw_private_key_ex(nullptr, algorithm, nullptr, in(raw.reveal()), raw.size()));
  must(key != nullptr, "making a private key");
  return key;
}

Pkey public_key_or_null(const char* algorithm, std::string_view raw) {
  if (raw.size() != kKeySize) return nullptr;
  Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm, nullptr, in(raw), raw.size()));
  fine(key != nullptr);
  return key;
}

std::string public_half(const Pkey& key) {
  std::string raw(kKeySize, '\0');
  std::size_t size = raw.size();
  must(EVP_PKEY_get_raw_public_key(key.get(), out(raw.data()), &size) == 1, "reading a public key");
  return raw;
}

class Ed25519SigningKey final : public SigningKey {
 public:
  explicit Ed25519SigningKey(Pkey key) : key_(std::move(key)), public_(public_half(key_)) {}
  const std::string& public_key() const override { return public_; }

  std::string sign(std::string_view bytes) const override {
    const MdCtx ctx(EVP_MD_CTX_new());
    std::string signature(kSignatureSize, '\0');
    std::size_t size = signature.size();
    must(EVP_DigestSignInit_ex(ctx.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                               nullptr) == 1 &&
             EVP_DigestSign(ctx.get(), out(signature.data()), &size, in(bytes), bytes.size()) == 1,
         "signing");
    return signature;
  }

 private:
  Pkey key_;
  std::string public_;
};

class Ed25519VerifyKey final : public VerifyKey {
 public:
  Ed25519VerifyKey(Pkey key, std::string_view raw) : key_(std::move(key)), public_(raw) {}
  const std::string& public_key() const override { return public_; }

  bool verify(std::string_view bytes, std::string_view signature) const override {
    if (signature.size() != kSignatureSize) return false;
    const MdCtx ctx(EVP_MD_CTX_new());
    must(EVP_DigestVerifyInit_ex(ctx.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                                 nullptr) == 1,
         "preparing to verify");
    return fine(
        EVP_DigestVerify(ctx.get(), in(signature), signature.size(), in(bytes), bytes.size()) == 1);
  }

 private:
  Pkey key_;
  std::string public_;
};

class X25519BoxKey final : public BoxKey {
 public:
  explicit X25519BoxKey(Pkey key) : key_(std::move(key)), public_(public_half(key_)) {}
  const std::string& public_key() const override { return public_; }

  std::optional<Secret> agree(std::string_view their_public_key) const override {
    const Pkey theirs = public_key_or_null("X25519", their_public_key);
    if (!theirs) return std::nullopt;
    const PkeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    must(ctx && EVP_PKEY_derive_init(ctx.get()) == 1, "preparing a key agreement");
    if (!fine(EVP_PKEY_derive_set_peer_ex(ctx.get(), theirs.get(), 0) == 1)) return std::nullopt;
    Secret shared(kKeySize);
    std::size_t size = shared.size();
    const bool agreed = EVP_PKEY_derive(ctx.get(), out(shared.data()), &size) == 1;
    // All zeroes is what every low-order key leads to; not every build of the library says so.
    if (!fine(agreed) || constant_time_equal(shared.reveal(), Secret(kKeySize).reveal()))
      return std::nullopt;
    return shared;
  }

 private:
  Pkey key_;
  std::string public_;
};

// The thread's context must not keep a message's key until its next message.
struct CipherInUse {
  EVP_CIPHER_CTX* ctx;
  CipherInUse() : ctx(of_this_thread()) { must(ctx != nullptr, "making a cipher context"); }
  ~CipherInUse() { EVP_CIPHER_CTX_reset(ctx); }
  CipherInUse(const CipherInUse&) = delete;
  CipherInUse& operator=(const CipherInUse&) = delete;

 private:
  static EVP_CIPHER_CTX* of_this_thread() {
    thread_local const CipherCtx own(EVP_CIPHER_CTX_new());
    return own.get();
  }
};

int as_int(std::size_t size) {
  must(size <= 0x7FFFFFFF, "sealing more than 2 GiB");
  return static_cast<int>(size);
}

}  // namespace

struct Sha256::State {
  MdCtx ctx{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  must(EVP_DigestInit_ex2(state_->ctx.get(), algorithms().sha256, nullptr) == 1, "hashing");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
  must(EVP_DigestUpdate(state_->ctx.get(), bytes.data(), bytes.size()) == 1, "hashing");
  return *this;
}

std::string Sha256::finish() {
  std::string digest(kSha256Size, '\0');
  must(EVP_DigestFinal_ex(state_->ctx.get(), out(digest.data()), nullptr) == 1, "hashing");
  return digest;
}

std::string sha256(std::string_view bytes) {
  thread_local const MdCtx ctx(EVP_MD_CTX_new());
  std::string digest(kSha256Size, '\0');
  must(EVP_DigestInit_ex2(ctx.get(), algorithms().sha256, nullptr) == 1 &&
           EVP_DigestUpdate(ctx.get(), bytes.data(), bytes.size()) == 1 &&
           EVP_DigestFinal_ex(ctx.get(), out(digest.data()), nullptr) == 1,
       "hashing");
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const MacCtx ctx = [] {
    MacCtx fresh(EVP_MAC_CTX_new(algorithms().hmac));
    const std::array params{text_param(OSSL_MAC_PARAM_DIGEST, "SHA256"),
                            OSSL_PARAM_construct_end()};
    must(fresh && EVP_MAC_CTX_set_params(fresh.get(), params.data()) == 1, "preparing a MAC");
    return fresh;
  }();
  std::string mac(kSha256Size, '\0');
  std::size_t size = 0;
  must(EVP_MAC_init(ctx.get(), in(key), key.size(), nullptr) == 1 &&
           EVP_MAC_update(ctx.get(), in(bytes), bytes.size()) == 1 &&
           EVP_MAC_final(ctx.get(), out(mac.data()), &size, mac.size()) == 1,
       "computing a MAC");
  return mac;
}

SigningKeyPtr OpenSslCrypto::signing_key(const Secret& seed) const {
  return std::make_shared<Ed25519SigningKey>(private_key("ED25519", seed));
}

BoxKeyPtr OpenSslCrypto::box_key(const Secret& raw) const {
  return std::make_shared<X25519BoxKey>(private_key("X25519", raw));
}

Result<VerifyKeyPtr> OpenSslCrypto::verify_key(std::string_view raw) const {
  Pkey key = public_key_or_null("ED25519", raw);
  if (!key) return refuse(Code::invalid, "a sign key must be the 32 bytes of an Ed25519 key");
  return VerifyKeyPtr(std::make_shared<Ed25519VerifyKey>(std::move(key), raw));
}

Secret OpenSslCrypto::hkdf_sha256(const Secret& secret, std::string_view salt,
                                  std::string_view info, std::size_t size) const {
  thread_local const KdfCtx ctx(EVP_KDF_CTX_new(algorithms().hkdf));
  const std::array params{text_param(OSSL_KDF_PARAM_DIGEST, "SHA256"),
                          bytes_param(OSSL_KDF_PARAM_KEY, secret.reveal()),
                          bytes_param(OSSL_KDF_PARAM_SALT, salt),
                          bytes_param(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  Secret derived(size);
  const bool done = EVP_KDF_derive(ctx.get(), out(derived.data()), size, params.data()) == 1;
  EVP_KDF_CTX_reset(ctx.get());  // it holds the secret
  must(done, "deriving a key");
  return derived;
}

std::string OpenSslCrypto::seal(const Secret& key, std::string_view nonce, std::string_view aad,
                                std::string_view plain) const {
  must(key.size() == kKeySize && nonce.size() == kNonceSize, "a key or nonce of another size");
  const CipherInUse cipher;
  std::string sealed(plain.size() + kTagSize, '\0');
  int n = 0;
  must(EVP_EncryptInit_ex2(cipher.ctx, algorithms().chacha, in(key.reveal()), in(nonce), nullptr) ==
               1 &&
           EVP_EncryptUpdate(cipher.ctx, nullptr, &n, in(aad), as_int(aad.size())) == 1 &&
           EVP_EncryptUpdate(cipher.ctx, out(sealed.data()), &n, in(plain), as_int(plain.size())) ==
               1 &&
           EVP_EncryptFinal_ex(cipher.ctx, out(sealed.data() + plain.size()), &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher.ctx, EVP_CTRL_AEAD_GET_TAG, kTagSize,
                               sealed.data() + plain.size()) == 1,
       "sealing");
  return sealed;
}

std::optional<std::string> OpenSslCrypto::open(const Secret& key, std::string_view nonce,
                                               std::string_view aad,
                                               std::string_view sealed) const {
  must(key.size() == kKeySize && nonce.size() == kNonceSize, "a key or nonce of another size");
  if (sealed.size() < kTagSize) return std::nullopt;
  const std::size_t size = sealed.size() - kTagSize;
  const CipherInUse cipher;
  std::string plain(size, '\0');
  std::string tag(sealed.substr(size));
  int n = 0;
  const bool whole =
      EVP_DecryptInit_ex2(cipher.ctx, algorithms().chacha, in(key.reveal()), in(nonce), nullptr) ==
          1 &&
      EVP_DecryptUpdate(cipher.ctx, nullptr, &n, in(aad), as_int(aad.size())) == 1 &&
      EVP_DecryptUpdate(cipher.ctx, out(plain.data()), &n, in(sealed), as_int(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.ctx, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.ctx, out(plain.data() + size), &n) == 1;
  if (fine(whole)) return plain;
  wipe(plain);
  return std::nullopt;
}

}  // namespace fleet
