// The names of things on the wire: nodes, messages, streams. A name is checked where it enters
// (valid_node_id, MessageId::parse) and trusted from there on. (spec: delivery §2)
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fleet {

// ^[a-z0-9][a-z0-9-]{0,31}$
using NodeId = std::string;
bool valid_node_id(std::string_view text);

// Random, minted at every start of the daemon, so that a node restored from a backup never
// reuses a message id. Written as 16 lower-case hex digits.
using Epoch = std::uint64_t;
std::string epoch_text(Epoch epoch);
std::optional<Epoch> parse_epoch(std::string_view text);

// "<origin>.<epoch>.<seq>", e.g. "mac1.00f3a9c2b4d5e6f7.42". A name, nothing more: dedupe, gaps
// and receipts use the stream and its dseq.
struct MessageId {
  NodeId origin;
  Epoch epoch = 0;
  std::uint64_t seq = 0;

  auto operator<=>(const MessageId&) const = default;
  static std::optional<MessageId> parse(std::string_view text);
};
std::string to_string(const MessageId& id);

// One direction between two nodes for the life of one epoch; dseq counts 1, 2, 3 … in it.
struct StreamId {
  NodeId origin;
  Epoch epoch = 0;
  NodeId destination;

  auto operator<=>(const StreamId&) const = default;
};

}  // namespace fleet
