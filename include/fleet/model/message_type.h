// The seven message types and the policy row of each: first roads, tries, lifetime.
// (spec: delivery §3)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fleet/base/time.h"
#include "fleet/model/channel_id.h"

namespace fleet {

enum class MessageType : std::uint8_t { alert, task, reply, context, broadcast, sync, repair };

inline constexpr std::array<MessageType, 7> kMessageTypes{
    MessageType::alert,     MessageType::task, MessageType::reply, MessageType::context,
    MessageType::broadcast, MessageType::sync, MessageType::repair};

struct TypePolicy {
  MessageType type;
  std::string_view name;
  ChannelSet first_roads;
  int tries;           // on the first roads, before the message counts as exhausted
  Millis default_ttl;  // applies where the sender names none
  Millis max_ttl;      // the receiver refuses exp − ts above it
  bool goes_on;        // parked, it may use the rest of the cascade
};

const TypePolicy& policy(MessageType type);
std::string_view to_string(MessageType type);
std::optional<MessageType> parse_message_type(std::string_view name);

}  // namespace fleet
