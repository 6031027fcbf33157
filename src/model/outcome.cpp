#include "fleet/model/outcome.h"

#include <array>

namespace fleet {

std::string_view to_string(OutcomeKind kind) {
  static constexpr std::array<std::string_view, 5> kNames{"receipted", "handed", "fault",
                                                          "rejected", "back_pressure"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace fleet
