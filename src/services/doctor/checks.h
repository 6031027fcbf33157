// The checks that every node has, as functions from the facts they look at. Each looks and names
// the remedy; none changes anything. A slice that knows more adds a Check of its own to the doctor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "fleet/model/channel_id.h"
#include "io/clock.h"
#include "services/doctor/types.h"
#include "services/peers/book.h"
#include "services/trust/membership.h"
#include "store/database.h"

namespace fleet::delivery {
class Roads;
}

namespace fleet::doctor {

// Everything outlives the checks.
Check store_check(store::Database& db);
Check clock_check(const trust::Membership& membership, const peers::PeerBook& book);
// All peers over one channel.
Check channel_check(const trust::Membership& membership, delivery::Roads& roads, ChannelId channel);

// How the optional connection is: empty where it is up, else why not.
using ConnectionFault = std::function<std::optional<std::string>()>;
Check nats_check(ConnectionFault fault);

using Count = std::function<std::int64_t()>;
Check outbox_check(Count open, std::int64_t limit);
Check inbox_check(Count unread);

using FreeBytes = std::function<std::optional<std::uint64_t>()>;
Check disk_check(FreeBytes free);

// Who should be heard over UDP and is not.
struct HeartbeatFacts {
  std::function<std::optional<Tick>(const NodeId&)> last_beat{};
  std::function<std::uint64_t()> unopened{};  // datagrams that no key of ours opens
};
Check heartbeat_check(const trust::Membership& membership, const peers::PeerBook& book,
                      io::Clock& clock, core::Timing timing, HeartbeatFacts facts);

}  // namespace fleet::doctor
