// Bytes that must not leak: a Secret moves but never copies, is overwritten when it dies and has no
// text form, so that it cannot reach a log or an error by accident. It does not lock memory pages.
// Keys, seeds, tokens and shared secrets travel in it from the key store to the Crypto port.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "fleet/base/rng.h"

namespace fleet {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);              // zeroes
  static Secret copy_of(std::string_view bytes);  // the source stays with the caller: wipe() it
  static Secret random(Rng& rng, std::size_t size);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret clone() const { return copy_of(reveal()); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view reveal() const { return {bytes_.get(), size_}; }
  char* data() { return bytes_.get(); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

template <class Stream>
Stream& operator<<(Stream& out, const Secret&) = delete;

// Equal in a time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

// Overwrites in a way that the optimiser keeps.
void wipe(char* bytes, std::size_t size);
void wipe(std::string& bytes);  // overwrites the bytes, then empties the string

}  // namespace fleet
