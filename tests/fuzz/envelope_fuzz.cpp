// Whatever is accepted has one meaning: written out and read again it is the same envelope, with
// the same hash.
#include "fleet/model/envelope.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  const auto envelope = parse_envelope(fuzz::text_of(data, size));
  if (!envelope) {
    fuzz::check(!envelope.error().message.empty());
    return 0;
  }
  const auto again = parse_envelope(to_wire(*envelope));
  fuzz::check(again && *again == *envelope);
  fuzz::check(envelope_hash(*again) == envelope_hash(*envelope));
  fuzz::check(envelope->payload.size() < size);
  return 0;
}
