#include "fleet/model/hop.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"
#include "fleet/model/envelope.h"
#include "fleet/model/ids.h"

namespace fleet {

namespace {

constexpr std::string_view kScheme = "FleetV1 ";
constexpr std::size_t kMaxChallengeBytes = 128;
constexpr std::size_t kMaxKeyIdBytes = 64;

bool plain_token(std::string_view text, std::size_t max_bytes) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  return text.size() <= max_bytes && std::all_of(text.begin(), text.end(), allowed);
}

// Only the shortest decimal form, so that one header has one text.
template <class Number>
std::optional<Number> decimal(std::string_view text) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(value) != text) return std::nullopt;
  return value;
}

// Takes "name=value" and the comma after it, where one must follow.
std::optional<std::string_view> take_pair(std::string_view& line, std::string_view name,
                                          bool last) {
  if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const std::size_t comma = line.find(',');
  if ((comma == line.npos) != last) return std::nullopt;
  const std::string_view value = line.substr(0, comma);
  line.remove_prefix(last ? line.size() : comma + 1);
  return value;
}

Error not_a_header() {
  return refuse(Code::unauthenticated, "bad_hop_header",
                "the FleetV1 header is not in the form k=,b=,n=,ts=,d=,c=,m=");
}

using Values = std::array<std::string_view, 7>;

std::optional<Values> split(std::string_view line) {
  constexpr Values names{"k", "b", "n", "ts", "d", "c", "m"};
  Values values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto value = take_pair(line, names[i], i + 1 == names.size());
    if (!value) return std::nullopt;
    values[i] = *value;
  }
  return values;
}

std::string mac_under(const Secret& key, std::string_view fields) {
  return hmac_sha256(key.reveal(), fields);
}

}  // namespace

std::string format_hop_header(const HopHeader& header) {
  std::string line(kScheme);
  line.append("k=").append(header.key_id).append(",b=").append(epoch_text(header.boot_id));
  line.append(",n=").append(std::to_string(header.counter));
  line.append(",ts=").append(std::to_string(header.ts)).append(",d=").append(header.destination);
  line.append(",c=").append(header.challenge).append(",m=").append(to_base64url(header.mac));
  return line;
}

Result<HopHeader> parse_hop_header(std::string_view line) {
  if (line.size() > kHopHeaderMaxBytes || !line.starts_with(kScheme)) return not_a_header();
  const auto values = split(line.substr(kScheme.size()));
  if (!values) return not_a_header();
  const auto& [key_id, boot, counter, ts, destination, challenge, mac] = *values;
  const auto boot_id = parse_epoch(boot);
  const auto count = decimal<std::uint64_t>(counter);
  const auto millis = decimal<std::int64_t>(ts);
  auto mac_bytes = from_base64url(mac);
  const bool names_fit = !key_id.empty() && plain_token(key_id, kMaxKeyIdBytes) &&
                         plain_token(challenge, kMaxChallengeBytes) && valid_node_id(destination);
  if (!names_fit || !boot_id || !count || !millis || !mac_bytes || mac_bytes->size() != kSha256Size)
    return not_a_header();
  return HopHeader{std::string(key_id),
                   *boot_id,
                   *count,
                   *millis,
                   std::string(destination),
                   std::string(challenge),
                   std::move(*mac_bytes)};
}

std::string format_hop_frame(const HopHeader& header, std::string_view body) {
  return format_hop_header(header).append("\n").append(body);
}

Result<HopFrame> parse_hop_frame(std::string_view frame) {
  const std::size_t end = frame.substr(0, kHopHeaderMaxBytes + 1).find('\n');
  if (end == frame.npos) return not_a_header();
  auto header = parse_hop_header(frame.substr(0, end));
  if (!header) return header.error();
  return HopFrame{std::move(*header), frame.substr(end + 1)};
}

Result<Secret> hop_key(const Crypto& crypto, const BoxKey& mine,
                       std::string_view their_box_public) {
  const auto shared = mine.agree(their_box_public);
  if (!shared)
    return refuse(Code::invalid, "bad_box_key", "the peer's box key is unusable; pair it again");
  std::string_view low = mine.public_key(), high = their_box_public;
  if (high < low) std::swap(low, high);  // both sides must name them in one order
  return crypto.hkdf_sha256(*shared, "", pae({"fn/hop/1", low, high}), kKeySize);
}

std::string hop_mac(const Secret& key, const HttpHop& http, const HopHeader& header) {
  return mac_under(
      key, pae({to_string(PayloadType::hop_http), http.method, http.target, http.content_type,
                http.body_sha256, header.destination, epoch_text(header.boot_id),
                std::to_string(header.counter), std::to_string(header.ts), header.challenge}));
}

std::string hop_mac(const Secret& key, const NatsHop& nats, const HopHeader& header) {
  return mac_under(
      key, pae({to_string(PayloadType::hop_nats), nats.subject, nats.body_sha256,
                header.destination, epoch_text(header.boot_id), std::to_string(header.counter),
                std::to_string(header.ts), header.challenge}));
}

std::string hop_reply_mac(const Secret& key, std::string_view request_mac, int status,
                          std::string_view body_sha256) {
  return mac_under(key, pae({"fn/hop-reply/1", request_mac, std::to_string(status), body_sha256}));
}

}  // namespace fleet
