// Who brings a frame over one live hop, proved by a MAC under the two nodes' static X25519 secret:
// `FleetV1 k=…,b=…,n=…,ts=…,d=…,c=…,m=…`, an Authorization value for HTTP and the first line of a
// NATS frame. It proves the hop and its freshness (with core's replay guard), never who wrote the
// message inside: that is the envelope.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fleet/base/crypto.h"
#include "fleet/base/result.h"

namespace fleet {

inline constexpr std::size_t kHopHeaderMaxBytes = 512;

struct HopHeader {
  std::string key_id;         // k: key id of who sends this frame
  std::uint64_t boot_id = 0;  // b: 16 hex digits, new at every start of its daemon
  std::uint64_t counter = 0;  // n: counts up within one boot id
  std::int64_t ts = 0;        // ts: milliseconds, wall clock
  std::string destination;    // d: node id of who shall accept it
  std::string challenge;      // c: the answered challenge, or empty
  std::string mac;            // m: 32 raw bytes
  bool operator==(const HopHeader&) const = default;
};

std::string format_hop_header(const HopHeader& header);
Result<HopHeader> parse_hop_header(std::string_view line);

// A NATS frame: the header, a line feed, then the body as it is.
struct HopFrame {
  HopHeader header;
  std::string_view body;  // into the frame
};
std::string format_hop_frame(const HopHeader& header, std::string_view body);
Result<HopFrame> parse_hop_frame(std::string_view frame);

// The pair's key, the same from both sides; compute once and keep. Low-order keys are refused.
Result<Secret> hop_key(const Crypto& crypto, const BoxKey& mine, std::string_view their_box_public);

struct HttpHop {
  std::string_view method;
  std::string_view target;        // as on the request line
  std::string_view content_type;  // as sent; empty where there is none
  std::string_view body_sha256;   // 32 raw bytes
};
// PAE(type, facts of the frame…, d, boot id, counter, ts, c); `header.mac` is not read.
std::string hop_mac(const Secret& key, const HttpHop& http, const HopHeader& header);
struct NatsHop {
  std::string_view subject;
  std::string_view body_sha256;
};
std::string hop_mac(const Secret& key, const NatsHop& nats, const HopHeader& header);

// The answer's MAC, bound to the request it answers.
std::string hop_reply_mac(const Secret& key, std::string_view request_mac, int status,
                          std::string_view body_sha256);

}  // namespace fleet
