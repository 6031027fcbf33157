// Which C++ types a field may have, told apart at compile time. The three readers of a fields()
// list (Decoder, Encoder, Describer) agree through this file; slices need not look at it.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fleet/base/time.h"

namespace fleet::catalogue {

class Describer;

template <class T>
concept Structured = std::is_class_v<T> && requires(T& t, Describer& v) {
  t.fields(v);
};

template <class T>
concept Textual = requires(const T& t, std::string_view text) {
  { to_string(t) } -> std::convertible_to<std::string>;
  { T::parse(text) } -> std::same_as<std::optional<T>>;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_span = std::is_same_v<T, Seconds> || std::is_same_v<T, Millis>;

// No reply; or a request without fields.
struct Nothing {
  template <class V>
  void fields(V&) {}
};

enum class Unknown { refuse, ignore };

}  // namespace fleet::catalogue
