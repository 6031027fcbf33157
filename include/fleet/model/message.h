// One message to one recipient as the payload of `fn/msg/1` carries it: the signed outer fields and
// the sealed body. A message to a group is one per recipient. (spec: delivery §2, security §1)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/base/time.h"
#include "fleet/model/ids.h"
#include "fleet/model/message_type.h"

namespace fleet {

inline constexpr std::size_t kMaxBodyBytes = 256 * 1024;
inline constexpr std::size_t kMaxSubjectBytes = 256;

// Readable by every hop that carries it.
struct MessageHeader {
  MessageId id{};
  std::uint64_t dseq = 0;  // dense per stream (origin, epoch, destination), from 1
  std::string fleet{};     // fleet id
  NodeId from{};
  NodeId to{};
  MessageType type = MessageType::context;
  Stamp ts{};                       // accepted, by the origin's clock
  Stamp exp{};                      // worthless after
  std::string re{};                 // id of the message this one answers, or empty
  std::string was{};                // earlier id of the same message after a 409, or empty
  std::vector<NodeId> obo{};        // on behalf of whom
  std::vector<std::string> crit{};  // extensions the receiver must know
  Millis skew{0};                   // the origin's own estimate of its clock's error
};

// What only the recipient reads.
struct MessageBody {
  std::string subject{};
  std::string body{};               // UTF-8, 1 B … 256 KiB
  std::string session{};            // address inside the node; empty = the node
  std::vector<std::string> refs{};  // git object or file names
  bool operator==(const MessageBody&) const = default;
};

// Header and sealed body as JSON bytes; they are signed as they are and never re-serialised.
std::string encode_message(const MessageHeader& header, std::string_view sealed_body);

struct DecodedMessage {
  MessageHeader header;
  std::string sealed_body;
};
// Refuses what is missing or mistyped, names it; ignores unknown fields, refuses unknown `crit`.
Result<DecodedMessage> decode_message(std::string_view payload);

}  // namespace fleet
