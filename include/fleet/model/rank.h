// The receipt ladder. A rank never decreases; the flags stand beside it. Only the receiver creates
// stored, seen and done; `handed` is a hop's word. (spec: delivery §1)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fleet {

enum class Rank : std::uint8_t { accepted, handed, stored, seen, done };

// What stops or colours a message without being a rank.
enum class Flag : std::uint8_t { none, held, refused, expired, dead, cancelled };

std::string_view to_string(Rank rank);
std::string_view to_string(Flag flag);
std::optional<Rank> parse_rank(std::string_view name);

}  // namespace fleet
