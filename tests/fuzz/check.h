// What a fuzzer asserts: a broken promise ends the run like a crash does, in every build type.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace fleet::fuzz {

inline void check(bool promise) {
  if (!promise) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace fleet::fuzz

// libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
