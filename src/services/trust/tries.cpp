#include "services/trust/tries.h"

#include <algorithm>

namespace fleet::trust {
namespace {

constexpr Seconds kWindow{60};

void forget_old(std::deque<Tick>& times, Tick now) {
  while (!times.empty() && now - times.front() >= kWindow) times.pop_front();
}

}  // namespace

bool Tries::exhausted(const std::string& address, Tick now) {
  const auto found = wrong_.find(address);
  if (found == wrong_.end()) return false;
  forget_old(found->second, now);
  if (found->second.empty()) wrong_.erase(found);
  const auto kept = wrong_.find(address);
  return kept != wrong_.end() && kept->second.size() >= kWrongPerMinute;
}

void Tries::wrong(const std::string& address, Tick now) {
  std::deque<Tick>& times = wrong_[address];
  forget_old(times, now);
  if (times.size() < kWrongPerMinute) times.push_back(now);
  if (wrong_.size() <= kAddresses) return;
  const auto quietest = std::min_element(wrong_.begin(), wrong_.end(), [](auto& a, auto& b) {
    return a.second.back() < b.second.back();
  });
  wrong_.erase(quietest);
}

}  // namespace fleet::trust
