// JSON from outside, read strictly: valid UTF-8, bounded depth, keys and size, no duplicate key, no
// integer beyond ±2^53, no byte-order mark, no trailing bytes. What two readers could understand
// differently is refused, with the place. Everything that parses bytes from outside uses it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "fleet/base/result.h"

namespace fleet {

struct JsonLimits {
  std::size_t bytes = 512 * 1024;
  std::size_t depth = 32;
  std::size_t keys = 1024;       // in the whole document
  std::size_t values = 100'000;  // bounds the memory that a tiny "[0,0,…" may claim
};

Result<nlohmann::json> parse_strict_json(std::string_view bytes, const JsonLimits& limits = {});

}  // namespace fleet
