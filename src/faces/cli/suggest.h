// The nearest known word to a mistyped one. Used for commands, options and choices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fleet::cli {

// Empty where nothing is near enough to be meant.
std::string nearest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace fleet::cli
