#include "fleet/base/rng.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace fleet {

std::uint64_t Rng::u64() {
  std::array<std::byte, 8> raw{};
  fill(raw);
  std::uint64_t value = 0;
  std::memcpy(&value, raw.data(), raw.size());
  return value;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  // Values of the last, incomplete round would favour small results.
  const std::uint64_t limit = UINT64_MAX - (UINT64_MAX % bound);
  std::uint64_t value = u64();
  while (value >= limit) value = u64();
  return value % bound;
}

double Rng::unit() { return static_cast<double>(u64() >> 11) * 0x1.0p-53; }

void SeededRng::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    const std::size_t n = std::min(out.size(), sizeof z);
    std::memcpy(out.data(), &z, n);
    out = out.subspan(n);
  }
}

}  // namespace fleet
