// How often an address may be wrong: five times a minute, then it is turned away unheard. Bounded:
// where too many addresses were wrong, the one longest quiet is forgotten. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "fleet/base/time.h"

namespace fleet::trust {

class Tries {
 public:
  static constexpr std::size_t kWrongPerMinute = 5;
  static constexpr std::size_t kAddresses = 256;

  bool exhausted(const std::string& address, Tick now);
  void wrong(const std::string& address, Tick now);

 private:
  std::map<std::string, std::deque<Tick>> wrong_{};
};

}  // namespace fleet::trust
