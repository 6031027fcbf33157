// Plays a scenario: a text of commands, each followed by the trace that it must produce. The player
// does what the delivery service does with a cascade (start, arm, report back), on a virtual clock
// and without a network. Twelve verbs at most; the list is in player.cpp.
#pragma once

#include <string>
#include <string_view>

namespace fleet::core {

// The same text with the traces as they really come out; a scenario passes where nothing differs.
std::string play(std::string_view script);

// The stretch in which the two texts differ, for a failure message.
std::string difference(std::string_view expected, std::string_view actual);

}  // namespace fleet::core
