// Text forms: cleaning always ends in valid UTF-8 and changes nothing the second time; decoders
// accept the one text of their bytes.
#include "check.h"
#include "fleet/base/encoding.h"
#include "fleet/base/utf8.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  const std::string_view bytes = fuzz::text_of(data, size);
  const std::string clean = clean_for_prompt(bytes);
  fuzz::check(valid_utf8(clean) && clean_for_prompt(clean) == clean);
  fuzz::check(!valid_utf8(bytes) || valid_utf8(truncate_utf8(bytes, size / 2)));
  if (const auto raw = from_base64url(bytes)) fuzz::check(to_base64url(*raw) == bytes);
  if (const auto raw = from_base32(bytes)) fuzz::check(to_base32(*raw) == bytes);
  if (const auto raw = from_hex(bytes)) fuzz::check(to_hex(*raw) == bytes);
  fuzz::check(from_base64url(to_base64url(bytes)) == bytes);
  return 0;
}
