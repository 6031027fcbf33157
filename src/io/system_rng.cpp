#include "io/system_rng.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#ifdef __APPLE__
#include <sys/random.h>
#endif

namespace fleet::io {
namespace {

constexpr std::size_t kPerCall = 256;  // getentropy takes no more at once

}  // namespace

void SystemRng::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const std::size_t n = std::min(out.size(), kPerCall);
    if (::getentropy(out.data(), n) != 0) {
      throw std::system_error(errno, std::generic_category(), "the kernel gives no random bytes");
    }
    out = out.subspan(n);
  }
}

}  // namespace fleet::io
