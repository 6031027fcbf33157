// The part of a message that only its one recipient can read: subject, text and references, as
// length-prefixed bytes padded to 256-byte steps, under an ephemeral X25519 key and
// ChaCha20-Poly1305. The outer fields are bound to it, so it opens in its own message only. It says
// nothing about who sent it: that is the envelope's signature.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fleet/base/crypto.h"
#include "fleet/base/result.h"
#include "fleet/base/rng.h"
#include "fleet/model/message.h"

namespace fleet {

// kMaxBodyBytes and kMaxSubjectBytes stand in message.h.
inline constexpr std::size_t kMaxRefs = 64;
inline constexpr std::size_t kMaxSessionBytes = 256;
inline constexpr std::size_t kMaxRefsBytes = 16 * 1024;  // all references together
inline constexpr std::size_t kBodyPadding = 256;         // hides the exact length (spec 2 §1)

// Refuses what no envelope could carry: too long, or not UTF-8.
Result<void> check_body(const MessageBody& body);

// Bound to header.{fleet from to id dseq type ts exp} and the sender's key id; the other fields of
// the header are protected by the signature alone. Also refuses a recipient key of low order.
Result<std::string> seal_body(const Crypto& crypto, Rng& rng, std::string_view recipient_box_public,
                              const MessageHeader& header, std::string_view sender_key_id,
                              const MessageBody& body);

// One answer for every way in which it does not open. Retired keys: call again with the next one.
Result<MessageBody> open_body(const Crypto& crypto, const BoxKey& mine, const MessageHeader& header,
                              std::string_view sender_key_id, std::string_view sealed);

// Bytes of the sealed form of this body, for limits before any work.
std::size_t sealed_size(const MessageBody& body);

}  // namespace fleet
