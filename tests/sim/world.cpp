#include "sim/world.h"

#include <cstdio>
#include <cstdlib>

namespace fleet::sim {
namespace {

constexpr std::uint64_t kFnvStart = 0xCBF29CE484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001B3ULL;
constexpr std::size_t kMaxViolations = 20;

std::uint64_t fnv(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

}  // namespace

World::World(std::uint64_t seed)
    : seed_(seed), hash_(kFnvStart), printing_(std::getenv("FLEET_TRACE") != nullptr) {}

void World::run_due() {
  while (auto due = heap_.take_due(now_)) (*due)();
}

SeededRng World::draws(std::string_view label) const {
  return SeededRng(fnv(kFnvStart ^ (seed_ * kFnvPrime), label));
}

void World::trace(std::string_view who, std::string_view what) {
  hash_ = fnv(hash_ ^ static_cast<std::uint64_t>(now_.us), who);
  hash_ = fnv(hash_, what);
  if (!printing_) return;
  std::fprintf(stderr, "%12.6f %-6.*s %.*s\n", static_cast<double>(now_.us) / 1e6,
               static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()),
               what.data());
}

void World::violate(std::string what) {
  trace("ORACLE", what);
  if (violations_.size() < kMaxViolations) violations_.push_back(std::move(what));
}

bool chance(Rng& rng, double probability) { return rng.unit() < probability; }

Micros between(Rng& rng, Micros least, Micros most) {
  const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
  return least + Micros{static_cast<std::int64_t>(rng.below(span))};
}

}  // namespace fleet::sim
