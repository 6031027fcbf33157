// Cryptography for simulations: deterministic, some hundred times faster than the real one, and
// without any security: whoever knows a public key can sign and open for it. What it keeps is the
// shape: sizes, a signature or seal that fits nothing else, both sides agreeing on one secret.
#pragma once

#include "fleet/base/crypto.h"

namespace fleet::test {

class FakeCrypto final : public Crypto {
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

}  // namespace fleet::test
