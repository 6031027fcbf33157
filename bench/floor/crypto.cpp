#include "floor/crypto.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <stdexcept>

namespace fleet::bench {
namespace {

constexpr std::size_t id_size = 8, key_size = 32, tag_size = 16, signature_size = 64;
constexpr std::size_t overhead = id_size + key_size + tag_size + signature_size;
constexpr unsigned char zero_nonce[12] = {};  // each key seals one message

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("openssl: ") + what);
}

Key key_of(int type, std::string_view purpose, std::string_view node) {
  const auto seed = sha256(std::string(purpose).append(node));
  Key key(EVP_PKEY_new_raw_private_key(type, nullptr, in(seed), seed.size()));
  must(key != nullptr, "key");
  return key;
}

std::string public_of(EVP_PKEY* key) {
  std::string bytes(key_size, '\0');
  auto size = bytes.size();
  must(EVP_PKEY_get_raw_public_key(key, out(bytes), &size) == 1, "public key");
  return bytes;
}

std::string id_bytes(std::uint64_t id) {
  std::string bytes(id_size, '\0');
  for (auto& byte : bytes) {
    byte = static_cast<char>(id & 0xff);
    id >>= 8;
  }
  return bytes;
}

std::uint64_t id_in(std::string_view frame) {
  std::uint64_t id = 0;
  for (std::size_t i = id_size; i-- > 0;) id = id << 8 | static_cast<unsigned char>(frame[i]);
  return id;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  must(EVP_Digest(bytes.data(), bytes.size(), out(digest), nullptr, EVP_sha256(), nullptr) == 1,
       "sha256");
  return digest;
}

Crypto::Crypto(std::string_view self, std::string_view peer)
    : sign_key_(key_of(EVP_PKEY_ED25519, "floor sign ", self)),
      box_key_(key_of(EVP_PKEY_X25519, "floor box ", self)),
      peer_sign_key_(key_of(EVP_PKEY_ED25519, "floor sign ", peer)),
      peer_box_key_(key_of(EVP_PKEY_X25519, "floor box ", peer)),
      box_public_(public_of(box_key_.get())),
      peer_box_public_(public_of(peer_box_key_.get())),
      keygen_(EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nullptr)),
      digest_(EVP_MD_CTX_new()),
      cipher_(EVP_CIPHER_CTX_new()),
      chacha_(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)),
      hkdf_(EVP_KDF_fetch(nullptr, "HKDF", nullptr)),
      kdf_(EVP_KDF_CTX_new(hkdf_.get())) {
  must(EVP_PKEY_keygen_init(keygen_.get()) == 1, "keygen");
}

void Crypto::derive_aead_key(EVP_PKEY* own, EVP_PKEY* other, std::string_view info,
                             unsigned char* key) {
  unsigned char shared[key_size];
  auto size = sizeof shared;
  KeyContext exchange(EVP_PKEY_CTX_new(own, nullptr));
  must(EVP_PKEY_derive_init(exchange.get()) == 1 &&
           EVP_PKEY_derive_set_peer(exchange.get(), other) == 1 &&
           EVP_PKEY_derive(exchange.get(), shared, &size) == 1,
       "x25519");
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared, size),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  EVP_KDF_CTX_reset(kdf_.get());
  must(EVP_KDF_derive(kdf_.get(), key, key_size, params) == 1, "hkdf");
}

std::string Crypto::seal_and_sign(std::uint64_t id, std::string_view body) {
  EVP_PKEY* made = nullptr;
  must(EVP_PKEY_keygen(keygen_.get(), &made) == 1, "keygen");
  const Key ephemeral(made);
  const auto sender_half = public_of(ephemeral.get());
  unsigned char key[key_size];
  derive_aead_key(ephemeral.get(), peer_box_key_.get(), sender_half + peer_box_public_, key);

  auto frame = id_bytes(id).append(sender_half);
  const auto head = frame.size();
  frame.resize(head + body.size() + tag_size);
  auto* sealed = out(frame) + head;
  const auto size = static_cast<int>(body.size());
  int written = 0;
  auto* c = cipher_.get();
  must(EVP_EncryptInit_ex(c, chacha_.get(), nullptr, key, zero_nonce) == 1 &&
           EVP_EncryptUpdate(c, nullptr, &written, in(frame), static_cast<int>(head)) == 1 &&
           EVP_EncryptUpdate(c, sealed, &written, in(body), size) == 1 &&
           EVP_EncryptFinal_ex(c, sealed + written, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_size, sealed + size) == 1,
       "seal");
  return frame.append(sign(frame));
}

std::string Crypto::sign(std::string_view bytes) {
  std::string signature(signature_size, '\0');
  auto size = signature.size();
  EVP_MD_CTX_reset(digest_.get());
  must(EVP_DigestSignInit(digest_.get(), nullptr, nullptr, nullptr, sign_key_.get()) == 1 &&
           EVP_DigestSign(digest_.get(), out(signature), &size, in(bytes), bytes.size()) == 1,
       "sign");
  return signature;
}

std::optional<Opened> Crypto::verify_and_open(std::string_view frame) {
  if (frame.size() < overhead) return std::nullopt;
  const auto signed_part = frame.substr(0, frame.size() - signature_size);
  const auto signature = frame.substr(signed_part.size());
  EVP_MD_CTX_reset(digest_.get());
  must(EVP_DigestVerifyInit(digest_.get(), nullptr, nullptr, nullptr, peer_sign_key_.get()) == 1,
       "verify");
  if (EVP_DigestVerify(digest_.get(), in(signature), signature.size(), in(signed_part),
                       signed_part.size()) != 1) {
    return std::nullopt;
  }
  const auto sender_half = signed_part.substr(id_size, key_size);
  const Key ephemeral(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in(sender_half), key_size));
  unsigned char key[key_size];
  derive_aead_key(box_key_.get(), ephemeral.get(), std::string(sender_half) + box_public_, key);

  Opened opened{id_in(frame), std::string(frame.size() - overhead, '\0')};
  const auto* sealed = in(frame) + id_size + key_size;
  std::string tag(frame.substr(signed_part.size() - tag_size, tag_size));
  const auto size = static_cast<int>(opened.body.size());
  int written = 0;
  auto* c = cipher_.get();
  const bool good = EVP_DecryptInit_ex(c, chacha_.get(), nullptr, key, zero_nonce) == 1 &&
                    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1 &&
                    EVP_DecryptUpdate(c, nullptr, &written, in(frame), id_size + key_size) == 1 &&
                    EVP_DecryptUpdate(c, out(opened.body), &written, sealed, size) == 1 &&
                    EVP_DecryptFinal_ex(c, out(opened.body) + written, &written) == 1;
  if (!good) return std::nullopt;
  return opened;
}

}  // namespace fleet::bench
