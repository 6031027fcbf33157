// SHA-256 and HMAC-SHA256, the only hashes in the program. Results are 32 raw bytes; a text form is
// the caller's choice (encoding.h). They stand outside the Crypto port: envelope hashes must be the
// same in a simulation as on a real node.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace fleet {

inline constexpr std::size_t kSha256Size = 32;

std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// For what is not in one piece: update() as often as needed, finish() once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::string_view bytes);
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fleet
