#include "fleet/model/channel_id.h"

namespace fleet {
namespace {

using enum ChannelId;
constexpr std::array<ChannelTraits, kChannelCount> kTraits{{
    {cloud, "cloud", Millis{5'000}, Strength::weak, RoadSet::heavy},
    {nats, "nats", Millis{3'000}, Strength::strong, RoadSet::fast},
    {http, "http", Millis{5'000}, Strength::strong, RoadSet::fast},
    {relay, "relay", Millis{5'000}, Strength::strong, RoadSet::fast},
    {seed, "seed", Millis{10'000}, Strength::weak, RoadSet::ssh},
    {ssh, "ssh", Millis{10'000}, Strength::strong, RoadSet::ssh},
    {wol, "wol", Millis{60'000}, Strength::none, RoadSet::heavy},
    {git, "git", Millis{30'000}, Strength::weak, RoadSet::heavy},
    {text, "text", Millis{2'000}, Strength::weak, RoadSet::heavy},
}};

}  // namespace

const ChannelTraits& traits(ChannelId id) { return kTraits.at(static_cast<std::size_t>(id)); }

std::string_view to_string(ChannelId id) { return traits(id).name; }

std::optional<ChannelId> parse_channel(std::string_view name) {
  for (const ChannelTraits& row : kTraits) {
    if (row.name == name) return row.id;
  }
  return std::nullopt;
}

}  // namespace fleet
