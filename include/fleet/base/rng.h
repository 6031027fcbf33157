// The one port for randomness: keys, epochs, ids, jitter. The daemon plugs in the kernel's
// generator, the simulator a seeded one; nothing else may produce a random number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fleet {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<std::byte> out) = 0;

  std::uint64_t u64();
  // Uniform in [0, bound); bound ≥ 1.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  double unit();
};

// SplitMix64: small, fast and the same on every machine; for simulation and jitter, never for keys.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace fleet
