// The kernel's random numbers, the only source of keys and epochs in the running program. Any
// thread.
#pragma once

#include "fleet/base/rng.h"

namespace fleet::io {

class SystemRng final : public Rng {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace fleet::io
