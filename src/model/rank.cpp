#include "fleet/model/rank.h"

#include <array>

namespace fleet {
namespace {

constexpr std::array<std::string_view, 5> kRanks{"accepted", "handed", "stored", "seen", "done"};
constexpr std::array<std::string_view, 6> kFlags{"none",    "held", "refused",
                                                 "expired", "dead", "cancelled"};

}  // namespace

std::string_view to_string(Rank rank) { return kRanks.at(static_cast<std::size_t>(rank)); }
std::string_view to_string(Flag flag) { return kFlags.at(static_cast<std::size_t>(flag)); }

std::optional<Rank> parse_rank(std::string_view name) {
  for (std::size_t i = 0; i < kRanks.size(); ++i) {
    if (kRanks[i] == name) return static_cast<Rank>(i);
  }
  return std::nullopt;
}

}  // namespace fleet
