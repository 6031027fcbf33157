#include "faces/http/limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace fleet::http {

AddressBuckets::AddressBuckets(double per_second, double burst, std::size_t capacity)
    : per_second_(per_second), burst_(burst), capacity_(capacity), overflow_{burst, Tick{0}} {}

bool AddressBuckets::charge(std::string_view address, Tick now) {
  return take(bucket_of(address, now), now);
}

bool AddressBuckets::take(Bucket& bucket, Tick now) const {
  const double waited = static_cast<double>((now - bucket.seen).count()) / 1e6;
  bucket.tokens = std::min(burst_, bucket.tokens + std::max(0.0, waited) * per_second_);
  bucket.seen = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

AddressBuckets::Bucket& AddressBuckets::bucket_of(std::string_view address, Tick now) {
  std::string key = address_key(address);
  const auto found = buckets_.find(key);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= capacity_) forget_full_ones(now);
  if (buckets_.size() >= capacity_) return overflow_;
  return buckets_.emplace(std::move(key), Bucket{burst_, now}).first->second;
}

void AddressBuckets::forget_full_ones(Tick now) {
  // At most once a second: a flood of new addresses must not buy a walk of the table each.
  if (now < next_sweep_) return;
  next_sweep_ = now + Seconds{1};
  const double refill_s = burst_ / per_second_;
  const Micros idle{static_cast<std::int64_t>(refill_s * 1e6)};
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.seen >= idle; });
}

std::string address_key(std::string_view address) {
  in6_addr v6{};
  const std::string text(address.substr(0, address.find('%')));
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    return inet_ntop(AF_INET, &v6.s6_addr[12], out.data(), out.size());
  }
  std::fill_n(&v6.s6_addr[8], 8, std::uint8_t{0});
  return std::string(inet_ntop(AF_INET6, &v6, out.data(), out.size())) + "/64";
}

}  // namespace fleet::http
