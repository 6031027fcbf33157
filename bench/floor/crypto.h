// The cryptography that one message must cost, with OpenSSL's EVP, nothing looked up twice: a seal
// (ephemeral X25519, HKDF-SHA256, ChaCha20-Poly1305), an Ed25519 signature, and their opposites.
// Refuses to be a key store: both floor processes derive their keys from their names.
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fleet::bench {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Freer<EVP_CIPHER_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Freer<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;

struct Opened {
  std::uint64_t id = 0;
  std::string body;
};

// frame = id (8, LE) | ephemeral key (32) | ciphertext | tag (16) | signature (64)
// One object serves one thread. Every call throws std::runtime_error where OpenSSL fails.
class Crypto {
 public:
  Crypto(std::string_view self, std::string_view peer);

  std::string seal_and_sign(std::uint64_t id, std::string_view body);
  std::optional<Opened> verify_and_open(std::string_view frame);  // nullopt: forged or damaged
  std::string sign(std::string_view bytes);

 private:
  void derive_aead_key(EVP_PKEY* own, EVP_PKEY* other, std::string_view info, unsigned char* key);

  Key sign_key_, box_key_, peer_sign_key_, peer_box_key_;
  std::string box_public_, peer_box_public_;
  KeyContext keygen_;
  DigestContext digest_;
  CipherContext cipher_;
  Cipher chacha_;
  Kdf hkdf_;
  KdfContext kdf_;
};

std::string sha256(std::string_view bytes);

}  // namespace fleet::bench
