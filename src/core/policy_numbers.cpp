#include "fleet/core/policy_numbers.h"

#include <algorithm>

namespace fleet::core {
namespace {

struct Key {
  std::string_view name;
  Millis Timing::*field;
};

constexpr std::array<Key, 13> kKeys{{
    {"heartbeat_ms", &Timing::heartbeat},
    {"probe_min_ms", &Timing::probe_min},
    {"probe_max_ms", &Timing::probe_max},
    {"stagger_default_ms", &Timing::stagger_default},
    {"hold_back_ms", &Timing::hold_back},
    {"anti_entropy_ms", &Timing::anti_entropy},
    {"outbox_max_backoff_ms", &Timing::outbox_max_backoff},
    {"channel_reset_ms", &Timing::channel_reset},
    {"git_push_ms", &Timing::git_push},
    {"git_poll_ms", &Timing::git_poll},
    {"repair_l3_ms", &Timing::repair_l3},
    {"repair_l4_ms", &Timing::repair_l4},
    {"repair_l4_age_ms", &Timing::repair_l4_age},
}};

// In the order of ChannelId.
constexpr std::array<std::string_view, kChannelCount> kCapKeys{
    "cap_cloud_ms", "cap_nats_ms", "cap_http_ms", "cap_relay_ms", "cap_seed_ms",
    "cap_ssh_ms",   "cap_wol_ms",  "cap_git_ms",  "cap_text_ms"};

}  // namespace

std::array<Millis, kChannelCount> Timing::default_caps() {
  std::array<Millis, kChannelCount> caps{};
  for (const ChannelId id : kChannels) caps.at(static_cast<std::size_t>(id)) = traits(id).cap;
  return caps;
}

bool override_timing(Timing& timing, std::string_view key, Millis value) {
  for (const Key& known : kKeys) {
    if (known.name != key) continue;
    timing.*known.field = value;
    return true;
  }
  const auto cap = std::find(kCapKeys.begin(), kCapKeys.end(), key);
  if (cap == kCapKeys.end()) return false;
  timing.caps.at(static_cast<std::size_t>(cap - kCapKeys.begin())) = value;
  return true;
}

std::vector<std::string_view> timing_keys() {
  std::vector<std::string_view> names;
  for (const Key& known : kKeys) names.push_back(known.name);
  names.insert(names.end(), kCapKeys.begin(), kCapKeys.end());
  return names;
}

Millis receipt_wait(ChannelId id, const Timing& timing) {
  if (timing.hold_back > Millis{0}) return timing.hold_back;
  for (const ReceiptWait& row : kReceiptWaits) {
    if (row.channel == id) return row.wait;
  }
  return kReceiptWaits.front().wait;
}

}  // namespace fleet::core
