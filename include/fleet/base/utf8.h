// UTF-8 checks and the pieces that make a peer's text harmless in a terminal or a prompt. It knows
// code points, not languages: no normalisation, no case, no display width. Used for bodies at the
// door, and by hooks and dashboards before they show anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fleet {

// Well-formed: no overlong form, no surrogate, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes);

// The longest prefix of at most max_bytes that ends at a code point.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

// True for what can hide or reorder text: bidi, zero-width, tag and variation characters.
bool is_invisible(char32_t code_point);

// Always valid UTF-8. Keeps line feed and tab, turns every other line break into a line feed, drops
// control and invisible characters, replaces each broken byte by U+FFFD.
std::string clean_for_prompt(std::string_view text);

}  // namespace fleet
