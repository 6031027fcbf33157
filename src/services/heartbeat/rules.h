// The heartbeat as bytes: what a node says of itself (the payload of fn/hb/1), and the sealed
// datagram that carries the signed line, with receipt lines riding behind it. Pure: it reads no
// clock, opens no socket and believes nothing; who wrote a line is for the envelope's signature to
// say. (spec: delivery §9; security §8 UDP)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/crypto.h"
#include "fleet/base/time.h"
#include "fleet/model/ids.h"

namespace fleet::heartbeat {

inline constexpr std::size_t kDatagramBytes = 1'200;
inline constexpr std::size_t kSealBytes = 1 + kNonceSize + kTagSize;  // key id, nonce, tag
inline constexpr std::size_t kMaxBranchBytes = 100;
inline constexpr std::size_t kMaxAddresses = 4;
inline constexpr std::size_t kMaxAddressBytes = 56;  // "[" IPv6 "]:65535"

struct Beat {
  NodeId from{};
  Epoch boot = 0;       // of this start of the daemon, never 0
  std::uint64_t n = 0;  // counts the beats of one boot from 1
  Stamp ts{};
  std::string state = "up";
  std::string branch{}, commit{};
  std::int64_t sessions = 0;
  std::vector<std::string> http{};  // where this node can be asked; 0.0.0.0 or [::] = my source IP
  bool operator==(const Beat&) const = default;
};

// Clips what is too long, leaves out what is not text: the sealed line always fits a datagram.
std::string encode_beat(const Beat& beat);
// Empty where anything needed is missing or anything known is misshapen; unknown fields are
// ignored.
std::optional<Beat> decode_beat(std::string_view payload);

// One key of the fleet's ring; the id travels in the clear in front of the datagram.
struct FleetKey {
  std::uint8_t id = 1;
  Secret key{};
};

// How long the riders may be beside a signed line of this size.
std::size_t room_beside(std::size_t line_bytes);

// `lines` = the signed heartbeat, then the riders, each but the last ended by a line feed.
std::string seal_datagram(const Crypto& crypto, const FleetKey& key, std::string_view fleet,
                          std::string_view nonce, std::string_view lines);
// Empty for an unknown key, another fleet's, a changed byte, or anything that is no datagram of
// ours.
std::optional<std::string> open_datagram(const Crypto& crypto, const std::vector<FleetKey>& ring,
                                         std::string_view fleet, std::string_view datagram);

struct Lines {
  std::string_view beat{};
  std::vector<std::string_view> riders{};
};
Lines split_lines(std::string_view lines);

// A claimed address as far as its packet bears it out: the host must be the packet's source, or a
// wildcard that stands for it.
std::optional<std::string> borne_out(std::string_view source, std::string_view claimed);

}  // namespace fleet::heartbeat
