// Any bytes as a heartbeat: as the datagram from the wire, as what was sealed in it, and as the
// payload that a member signed. An accepted beat reads the same when it is said again.
#include "services/heartbeat/rules.h"

#include "check.h"
#include "fleet/model/envelope.h"
// The fuzz build holds the pure rooms only; of this slice it takes the one pure file.
#include "services/heartbeat/rules.cpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  using namespace fleet::heartbeat;
  static const OpenSslCrypto crypto;
  static const std::vector<FleetKey> ring = [] {
    std::vector<FleetKey> keys;
    keys.push_back({1, Secret(kKeySize)});
    return keys;
  }();
  const std::string_view bytes = fuzz::text_of(data, size);
  fuzz::check(!open_datagram(crypto, ring, "fleet", bytes));  // nobody guesses a tag

  const Lines lines = split_lines(bytes);
  static_cast<void>(parse_envelope(lines.beat));
  for (const std::string_view rider : lines.riders) fuzz::check(!rider.empty());
  if (const auto address = borne_out("10.0.0.1:8855", lines.beat)) {
    fuzz::check(address->starts_with("10.0.0.1:"));
  }
  if (const auto beat = decode_beat(bytes)) fuzz::check(decode_beat(encode_beat(*beat)) == beat);

  const std::string nonce(kNonceSize, 'n');
  const std::string sealed = seal_datagram(crypto, ring.front(), "fleet", nonce, bytes);
  const auto opened = open_datagram(crypto, ring, "fleet", sealed);
  const bool fits = sealed.size() <= kDatagramBytes && !bytes.empty();
  fuzz::check(fits ? opened == bytes : !opened);
  return 0;
}
