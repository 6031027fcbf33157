#include "services/heartbeat/rules.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "fleet/base/pae.h"
#include "fleet/base/strict_json.h"
#include "fleet/base/utf8.h"

namespace fleet::heartbeat {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::string_view kSealContext = "fn/hb-seal/1";
constexpr std::size_t kMaxCommitBytes = 64;  // a SHA-256 in hex
constexpr std::size_t kMaxStateBytes = 16;
constexpr std::size_t kMaxSessions = 10'000;
constexpr std::size_t kMaxRiders = 8;
constexpr JsonLimits kLimits{.bytes = kDatagramBytes, .depth = 4, .keys = 64, .values = 128};

// It is shown to people: one line of text.
bool is_plain(std::string_view text, std::size_t max) {
  const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return text.size() <= max && printable && valid_utf8(text);
}

std::string clipped(std::string_view text, std::size_t max) {
  const std::string_view clip = truncate_utf8(text, max);
  return is_plain(clip, max) ? std::string(clip) : "";
}

// Reads known fields into the beat; the first misshapen one spoils it.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}
  bool ok() const { return ok_; }

  std::string text(const char* name, std::size_t max) {
    const json* field = find(name);
    if (field == nullptr) return "";
    ok_ = ok_ && field->is_string() && is_plain(field->get_ref<const std::string&>(), max);
    return ok_ ? field->get<std::string>() : "";
  }
  std::int64_t integer(const char* name, std::int64_t least, std::int64_t most) {
    const json* field = find(name);
    if (field == nullptr || !field->is_number_integer()) {
      ok_ = ok_ && field == nullptr && least <= 0;
      return 0;
    }
    const auto value = field->get<std::int64_t>();
    ok_ = ok_ && value >= least && value <= most;
    return value;
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> all;
    const json* field = find(name);
    if (field == nullptr) return all;
    ok_ = ok_ && field->is_array() && field->size() <= kMaxAddresses;
    for (std::size_t i = 0; ok_ && i < field->size(); ++i) {
      const json& item = (*field)[i];
      ok_ = item.is_string() && is_plain(item.get_ref<const std::string&>(), kMaxAddressBytes);
      if (ok_) all.push_back(item.get<std::string>());
    }
    return all;
  }

 private:
  const json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  const json& object_;
  bool ok_ = true;
};

std::string associated(std::string_view fleet, std::uint8_t key_id) {
  return pae({kSealContext, fleet, std::to_string(key_id)});
}

// "1.2.3.4:8855" → {"1.2.3.4", "8855"}; empty host where it is no address.
std::pair<std::string_view, std::string_view> host_and_port(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {address.substr(0, colon), address.substr(colon + 1)};
}

bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  return !digits.empty() && read.ec == std::errc() && read.ptr == end && port != 0;
}

}  // namespace

std::string encode_beat(const Beat& beat) {
  json out{{"v", kVersion}, {"from", beat.from}, {"boot", epoch_text(beat.boot)},
           {"n", beat.n},   {"ts", beat.ts.ms},  {"state", clipped(beat.state, kMaxStateBytes)}};
  const std::string branch = clipped(beat.branch, kMaxBranchBytes);
  const std::string commit = clipped(beat.commit, kMaxCommitBytes);
  if (!branch.empty()) out["branch"] = branch;
  if (!commit.empty()) out["commit"] = commit;
  if (beat.sessions > 0) {
    out["sessions"] = std::min<std::int64_t>(beat.sessions, kMaxSessions);
  }
  json addresses = json::array();
  for (const std::string& address : beat.http) {
    if (addresses.size() == kMaxAddresses || !is_plain(address, kMaxAddressBytes)) continue;
    addresses.push_back(address);
  }
  if (!addresses.empty()) out["http"] = std::move(addresses);
  return out.dump();
}

std::optional<Beat> decode_beat(std::string_view payload) {
  const Result<json> parsed = parse_strict_json(payload, kLimits);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  Reader in(*parsed);
  Beat beat;
  in.integer("v", kVersion, kVersion);
  beat.from = in.text("from", 32);
  const auto boot = parse_epoch(in.text("boot", 16));
  beat.n = static_cast<std::uint64_t>(in.integer("n", 1, kMost));
  beat.ts = Stamp{in.integer("ts", 1, kMost)};
  beat.state = in.text("state", kMaxStateBytes);
  beat.branch = in.text("branch", kMaxBranchBytes);
  beat.commit = in.text("commit", kMaxCommitBytes);
  beat.sessions = in.integer("sessions", 0, kMaxSessions);
  beat.http = in.texts("http");
  if (!in.ok() || !valid_node_id(beat.from) || !boot || *boot == 0) return std::nullopt;
  beat.boot = *boot;
  return beat;
}

std::size_t room_beside(std::size_t line_bytes) {
  const std::size_t taken = kSealBytes + line_bytes + 1;  // and the line feed between them
  return taken < kDatagramBytes ? kDatagramBytes - taken : 0;
}

std::string seal_datagram(const Crypto& crypto, const FleetKey& key, std::string_view fleet,
                          std::string_view nonce, std::string_view lines) {
  std::string out(1, static_cast<char>(key.id));
  out += nonce;
  out += crypto.seal(key.key, nonce, associated(fleet, key.id), lines);
  return out;
}

std::optional<std::string> open_datagram(const Crypto& crypto, const std::vector<FleetKey>& ring,
                                         std::string_view fleet, std::string_view datagram) {
  if (datagram.size() <= kSealBytes || datagram.size() > kDatagramBytes) return std::nullopt;
  const auto id = static_cast<std::uint8_t>(datagram.front());
  const auto key = std::find_if(ring.begin(), ring.end(),
                                [id](const FleetKey& candidate) { return candidate.id == id; });
  if (key == ring.end()) return std::nullopt;
  return crypto.open(key->key, datagram.substr(1, kNonceSize), associated(fleet, id),
                     datagram.substr(1 + kNonceSize));
}

Lines split_lines(std::string_view lines) {
  Lines out;
  out.beat = lines.substr(0, lines.find('\n'));
  lines.remove_prefix(std::min(out.beat.size() + 1, lines.size()));
  while (!lines.empty() && out.riders.size() < kMaxRiders) {
    const std::string_view rider = lines.substr(0, lines.find('\n'));
    if (!rider.empty()) out.riders.push_back(rider);
    lines.remove_prefix(std::min(rider.size() + 1, lines.size()));
  }
  return out;
}

std::optional<std::string> borne_out(std::string_view source, std::string_view claimed) {
  const std::string_view from = host_and_port(source).first;
  const auto [host, port] = host_and_port(claimed);
  const bool stands_for_source = host == from || host == "0.0.0.0" || host == "[::]";
  if (from.empty() || !stands_for_source || !is_port(port)) return std::nullopt;
  return std::string(from) + ":" + std::string(port);
}

}  // namespace fleet::heartbeat
