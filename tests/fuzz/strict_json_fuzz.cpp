// The strict reader accepts a subset of what the lenient one accepts, and reads the same from it.
#include "fleet/base/strict_json.h"

#include <nlohmann/json.hpp>

#include "check.h"
#include "fleet/base/utf8.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  const std::string_view bytes = fuzz::text_of(data, size);
  const auto strict = parse_strict_json(bytes);
  if (!strict) {
    fuzz::check(valid_utf8(strict.error().message));
    return 0;
  }
  fuzz::check(valid_utf8(bytes));
  fuzz::check(nlohmann::json::parse(bytes, nullptr, false) == *strict);
  const auto again = parse_strict_json(strict->dump(), {.bytes = 8 * 1024 * 1024});
  fuzz::check(again && *again == *strict);
  return 0;
}
