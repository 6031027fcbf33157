// The names of a cascade's states, events and reasons, as logs, timelines and scenarios print them.
#include "fleet/core/cascade.h"

namespace fleet::core {

std::string_view to_string(CascadeState state) {
  static constexpr std::array<std::string_view, 6> kNames{"fresh",   "running", "held_back",
                                                          "pressed", "parked",  "finished"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view to_string(CascadeEvent::Kind kind) {
  static constexpr std::array<std::string_view, kCascadeEvents> kNames{
      "begin",         "sent",  "fault",      "handed",     "receipted", "rejected",
      "back_pressure", "timer", "channel_up", "peer_alive", "cancelled", "expired"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(ArmTimer::Why why) {
  static constexpr std::array<std::string_view, 4> kNames{"stagger", "receipt", "pressure",
                                                          "resend"};
  return kNames.at(static_cast<std::size_t>(why));
}

std::string_view to_string(Park::Why why) {
  static constexpr std::array<std::string_view, 3> kNames{"no_channel", "all_broken", "exhausted"};
  return kNames.at(static_cast<std::size_t>(why));
}

std::string_view to_string(Finish::State state) {
  static constexpr std::array<std::string_view, 4> kNames{"stored", "rejected", "cancelled",
                                                          "expired"};
  return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace fleet::core
