// The part of a message that only its one recipient can read: subject, text and references, as
// length-prefixed bytes padded to 256-byte steps, under an ephemeral X25519 key and
// ChaCha20-Poly1305. The outer fields are bound to it, so it opens in its own message only. It says
// nothing about who sent it: that is the envelope's signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/crypto.h"
#include "fleet/base/result.h"
#include "fleet/base/rng.h"

namespace fleet {

inline constexpr std::size_t kBodyMaxBytes = 256 * 1024;      // text, UTF-8 (spec 1 §2)
inline constexpr std::size_t kBodyExtrasMaxBytes = 16 * 1024;  // subject and references together
inline constexpr std::size_t kBodyMaxRefs = 64;
inline constexpr std::size_t kBodyPadding = 256;  // hides the exact length (spec 2 §1)

struct Body {
  std::string subject;
  std::string text;
  std::vector<std::string> refs;
  bool operator==(const Body&) const = default;
};

// The outer fields to which a body is bound; the caller's strings must outlive the call.
struct AadFields {
  std::string_view fleet;
  std::string_view from;
  std::string_view to;
  std::string_view id;
  std::uint64_t dseq = 0;
  std::string_view type;  // the message's type: "task"
  std::int64_t ts = 0;    // milliseconds, wall clock
  std::int64_t exp = 0;
  std::string_view sender_key;  // the sender's key id
};

// Refuses what no envelope could carry, and a recipient key of low order.
Result<void> check_body(const Body& body);
Result<std::string> seal_body(const Crypto& crypto, Rng& rng, std::string_view recipient_box_public,
                              const AadFields& fields, const Body& body);
// One answer for every way in which it does not open. Retired keys: call again with the next one.
Result<Body> open_body(const Crypto& crypto, const BoxKey& mine, const AadFields& fields,
                       std::string_view sealed);

// Bytes of the sealed form of this body, for limits before any work.
std::size_t sealed_size(const Body& body);

}  // namespace fleet
