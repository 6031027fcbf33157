// Pre-authentication encoding: the one way in which fields become the bytes that are signed, MACed
// or bound as AAD. "FNSIG1" ‖ LE64(count) ‖ for each field LE64(length) ‖ bytes, so that no two
// lists of fields share an encoding. It is never parsed. Numbers go in as decimal text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace fleet {

std::string pae(std::initializer_list<std::string_view> fields);

}  // namespace fleet
