// What a field may hold, beyond its type: ranges, lengths, choices. Written beside the field in a
// struct's fields() list and obeyed by everyone who reads it: decoder, JSON schema, CLI, docs.
// Light on purpose, because the types.h of every slice includes it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace fleet::catalogue {

// Every text and every list has a bound, said or not.
inline constexpr std::size_t kTextBytes = 64 * 1024;
inline constexpr std::size_t kListItems = 1000;

struct Limits {
  std::optional<double> min{};
  std::optional<double> max{};
  std::size_t min_bytes = 0;
  std::size_t max_bytes = kTextBytes;
  std::size_t max_items = kListItems;
};

inline Limits between(double min, double max) { return {.min = min, .max = max}; }
inline Limits at_least(double min) { return {.min = min}; }
inline Limits at_most_bytes(std::size_t bytes) { return {.max_bytes = bytes}; }
inline Limits bytes_between(std::size_t least, std::size_t most) {
  return {.min_bytes = least, .max_bytes = most};
}
inline Limits at_most_items(std::size_t items) { return {.max_items = items}; }

// The allowed values of v.choice(…); the views must outlive the program's tables (literals do).
using Choices = std::vector<std::string_view>;

}  // namespace fleet::catalogue
