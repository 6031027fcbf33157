#include "fleet/base/secret.h"

#include <cstring>
#include <span>
#include <utility>

namespace fleet {

void wipe(char* bytes, std::size_t size) {
  if (size == 0) return;
  std::memset(bytes, 0, size);
  asm volatile("" : : "r"(bytes) : "memory");  // claims to read them, so the memset must happen
}

void wipe(std::string& bytes) {
  wipe(bytes.data(), bytes.size());
  bytes.clear();
}

Secret::Secret(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(size) {}

Secret Secret::copy_of(std::string_view bytes) {
  Secret copy(bytes.size());
  bytes.copy(copy.data(), bytes.size());
  return copy;
}

Secret Secret::random(Rng& rng, std::size_t size) {
  Secret fresh(size);
  rng.fill(std::as_writable_bytes(std::span(fresh.data(), size)));
  return fresh;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(bytes_.get(), size_);
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() { wipe(bytes_.get(), size_); }

bool constant_time_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace fleet
