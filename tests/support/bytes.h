// Short words for bytes in tests: hex literals, fixed keys, a message to seal.
#pragma once

#include <string>
#include <string_view>

#include "fleet/base/encoding.h"
#include "fleet/base/secret.h"
#include "fleet/model/message.h"

namespace fleet::test {

inline std::string hex(std::string_view text) { return from_hex(text).value(); }
inline Secret key_of(char fill) { return Secret::copy_of(std::string(32, fill)); }

// A header with every field that a sealed body is bound to.
inline MessageHeader sample_header() {
  MessageHeader header;
  header.id = {"mac1", 0x00f3a9c2b4d5e6f7ULL, 42};
  header.dseq = 7;
  header.fleet = "fleet-a";
  header.from = "mac1";
  header.to = "mac2";
  header.type = MessageType::task;
  header.ts = {1'700'000'000'000};
  header.exp = {1'700'000'600'000};
  return header;
}

}  // namespace fleet::test
