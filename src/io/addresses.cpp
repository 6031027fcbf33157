#include "io/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>
#include <memory>

namespace fleet::io {
namespace {

using List = std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)>;

List interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) first = nullptr;
  return {first, &::freeifaddrs};
}

bool usable(const ifaddrs& entry, int family) {
  constexpr unsigned kUp = IFF_UP;
  return entry.ifa_addr != nullptr && entry.ifa_addr->sa_family == family &&
         (entry.ifa_flags & kUp) != 0 && (entry.ifa_flags & IFF_LOOPBACK) == 0;
}

template <class Address>
std::string text(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return ::inet_ntop(family, &address, out.data(), out.size()) == nullptr ? "" : out.data();
}

}  // namespace

std::vector<std::string> own_addresses() {
  std::vector<std::string> found;
  const List list = interfaces();
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (!usable(*entry, AF_INET)) continue;
    const auto& address = reinterpret_cast<const sockaddr_in&>(*entry->ifa_addr).sin_addr;
    const bool link_local = (ntohl(address.s_addr) >> 16) == 0xA9FE;
    if (!link_local) found.push_back(text(AF_INET, address));
  }
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (!usable(*entry, AF_INET6)) continue;
    const auto& address = reinterpret_cast<const sockaddr_in6&>(*entry->ifa_addr).sin6_addr;
    if (!IN6_IS_ADDR_LINKLOCAL(&address)) found.push_back('[' + text(AF_INET6, address) + ']');
  }
  return found;
}

}  // namespace fleet::io
