// The port for keyed cryptography: Ed25519, X25519, HKDF-SHA256, ChaCha20-Poly1305. Keys are
// handles that hold the parsed form, since parsing costs as much as a tenth of a signature: keep
// them. Handles may be shared between threads. It makes no keys by itself (seeds come from Rng) and
// stores none. OpenSslCrypto is what a node runs; a simulation plugs in a cheap fake.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fleet/base/result.h"
#include "fleet/base/secret.h"

namespace fleet {

inline constexpr std::size_t kKeySize = 32;  // seeds, private, public and symmetric keys alike
inline constexpr std::size_t kSignatureSize = 64;  // Ed25519
inline constexpr std::size_t kNonceSize = 12;
inline constexpr std::size_t kTagSize = 16;

// The library underneath refused what can only fail by a bug or for want of memory.
struct CryptoFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual const std::string& public_key() const = 0;
  virtual std::string sign(std::string_view bytes) const = 0;
};

class VerifyKey {
 public:
  virtual ~VerifyKey() = default;
  virtual const std::string& public_key() const = 0;
  virtual bool verify(std::string_view bytes, std::string_view signature) const = 0;
};

class BoxKey {
 public:
  virtual ~BoxKey() = default;
  virtual const std::string& public_key() const = 0;
  // The X25519 shared secret; empty for a low-order or misshapen key. Feed it to HKDF, never use
  // it.
  virtual std::optional<Secret> agree(std::string_view their_public_key) const = 0;
};

using SigningKeyPtr = std::shared_ptr<const SigningKey>;
using VerifyKeyPtr = std::shared_ptr<const VerifyKey>;
using BoxKeyPtr = std::shared_ptr<const BoxKey>;

class Crypto {
 public:
  virtual ~Crypto() = default;

  // From a 32-byte seed; a seed of another size is a CryptoFault.
  virtual SigningKeyPtr signing_key(const Secret& seed) const = 0;
  virtual BoxKeyPtr box_key(const Secret& private_key) const = 0;
  // Public keys come from outside, hence a Result.
  virtual Result<VerifyKeyPtr> verify_key(std::string_view public_key) const = 0;

  virtual Secret hkdf_sha256(const Secret& secret, std::string_view salt, std::string_view info,
                             std::size_t size) const = 0;

  // Ciphertext followed by the 16-byte tag. A (key, nonce) pair may seal once only.
  virtual std::string seal(const Secret& key, std::string_view nonce, std::string_view aad,
                           std::string_view plain) const = 0;
  // Empty where anything at all does not fit.
  virtual std::optional<std::string> open(const Secret& key, std::string_view nonce,
                                          std::string_view aad, std::string_view sealed) const = 0;
};

class OpenSslCrypto final : public Crypto {
 public:
  SigningKeyPtr signing_key(const Secret& seed) const override;
  BoxKeyPtr box_key(const Secret& private_key) const override;
  Result<VerifyKeyPtr> verify_key(std::string_view public_key) const override;
  Secret hkdf_sha256(const Secret& secret, std::string_view salt, std::string_view info,
                     std::size_t size) const override;
  std::string seal(const Secret& key, std::string_view nonce, std::string_view aad,
                   std::string_view plain) const override;
  std::optional<std::string> open(const Secret& key, std::string_view nonce, std::string_view aad,
                                  std::string_view sealed) const override;
};

}  // namespace fleet
