// The nine roads in priority order, and what is fixed about each: name, cap, strength, set.
// (spec: delivery §4, §5)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fleet/base/time.h"

namespace fleet {

enum class ChannelId : std::uint8_t { cloud, nats, http, relay, seed, ssh, wol, git, text };

inline constexpr std::size_t kChannelCount = 9;
inline constexpr std::array<ChannelId, kChannelCount> kChannels{
    ChannelId::cloud, ChannelId::nats, ChannelId::http, ChannelId::relay, ChannelId::seed,
    ChannelId::ssh,   ChannelId::wol,  ChannelId::git,  ChannelId::text};

// strong: success is the receiver's own receipt. weak: a hop's word. none: touches no message.
enum class Strength { strong, weak, none };

// fast = set F {nats, http, relay}; ssh = set S {seed, ssh}; heavy = {wol, git, text, cloud}.
enum class RoadSet { fast, ssh, heavy };

struct ChannelTraits {
  ChannelId id;
  std::string_view name;
  Millis cap;  // the longest one attempt may take
  Strength strength;
  RoadSet set;
};

const ChannelTraits& traits(ChannelId id);
std::string_view to_string(ChannelId id);
std::optional<ChannelId> parse_channel(std::string_view name);

// A small set of channels, iterated in priority order by walking kChannels.
class ChannelSet {
 public:
  constexpr ChannelSet() = default;
  constexpr ChannelSet(std::initializer_list<ChannelId> ids) {
    for (const ChannelId id : ids) insert(id);
  }
  constexpr void insert(ChannelId id) { bits_ = static_cast<std::uint16_t>(bits_ | bit(id)); }
  constexpr void erase(ChannelId id) { bits_ = static_cast<std::uint16_t>(bits_ & ~bit(id)); }
  constexpr bool contains(ChannelId id) const { return (bits_ & bit(id)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const ChannelSet&) const = default;

 private:
  static constexpr std::uint16_t bit(ChannelId id) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(id));
  }
  std::uint16_t bits_ = 0;
};

}  // namespace fleet
