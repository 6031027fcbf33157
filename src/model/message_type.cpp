#include "fleet/model/message_type.h"

namespace fleet {
namespace {

using enum MessageType;
using enum ChannelId;
constexpr Millis minutes(int n) { return std::chrono::minutes(n); }
constexpr Millis hours(int n) { return std::chrono::hours(n); }
constexpr Millis days(int n) { return std::chrono::hours(24 * n); }

const std::array<TypePolicy, 7> kPolicies{{
    {alert, "alert", {nats}, 3, hours(24), days(7), true},
    {task, "task", {nats, http, relay}, 1, hours(24), days(7), true},
    {reply, "reply", {nats, http}, 1, days(7), days(14), true},
    {context, "context", {nats, http, relay, seed}, 1, days(7), days(14), true},
    {broadcast, "broadcast", {nats}, 1, hours(1), hours(24), false},
    {sync, "sync", {nats, http, relay}, 1, minutes(5), hours(1), false},
    {repair, "repair", {nats, http, relay, seed, ssh}, 1, minutes(10), minutes(10), true},
}};

}  // namespace

const TypePolicy& policy(MessageType type) { return kPolicies.at(static_cast<std::size_t>(type)); }

std::string_view to_string(MessageType type) { return policy(type).name; }

std::optional<MessageType> parse_message_type(std::string_view name) {
  for (const TypePolicy& row : kPolicies) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

}  // namespace fleet
