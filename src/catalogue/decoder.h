// Decoder: fills a struct from JSON through its fields() list and collects every fault of the whole
// request at once, with its path. It changes nothing but the struct and trusts nothing it reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalogue/field_types.h"
#include "catalogue/limits.h"
#include "fleet/base/result.h"
#include "fleet/base/time.h"

namespace fleet::catalogue {

// Collects the faults of one whole request.
struct Faults {
  std::vector<FieldFault> list{};
  bool only_too_long = true;  // then the refusal is 413 and not 422
  void add(std::string path, std::string problem);
  void add_too_long(std::string path, std::string problem);
  Error error() const;  // call only where list is not empty
};

class Decoder {
 public:
  Decoder(const nlohmann::json& object, std::string path, Unknown unknown, Faults& faults);

  template <class T>
  void required(std::string_view name, T& out, std::string_view, const Limits& limits = {}) {
    const nlohmann::json* value = take(name);
    if (value == nullptr) return faults_.add(path_of(name), "is missing");
    read(*value, out, path_of(name), limits);
  }
  template <class T>
  void optional(std::string_view name, T& out, std::string_view, const Limits& limits = {}) {
    const nlohmann::json* value = take(name);
    if (value != nullptr && !is_null(*value)) read(*value, out, path_of(name), limits);
  }
  template <class T>
  void choice(std::string_view name, T& out, const Choices& choices, std::string_view doc) {
    const std::size_t before = faults_.list.size();
    optional(name, out, doc);
    if (faults_.list.size() == before) check_choice(name, choices);
  }
  template <class T>
  void required_choice(std::string_view name, T& out, const Choices& choices,
                       std::string_view doc) {
    const std::size_t before = faults_.list.size();
    required(name, out, doc);
    if (faults_.list.size() == before) check_choice(name, choices);
  }
  // Names the fields that nobody asked for.
  void finish();

 private:
  const nlohmann::json* take(std::string_view name);
  std::string path_of(std::string_view name) const;
  void check_choice(std::string_view name, const Choices& choices);

  static bool is_null(const nlohmann::json& value);
  static std::vector<const nlohmann::json*> items(const nlohmann::json& list);
  static std::vector<std::pair<std::string, const nlohmann::json*>> entries(
      const nlohmann::json& map);

  void read_bool(const nlohmann::json& value, bool& out, const std::string& path);
  void read_number(const nlohmann::json& value, double& out, const std::string& path,
                   const Limits& limits);
  void read_text(const nlohmann::json& value, std::string& out, const std::string& path,
                 const Limits& limits);
  void read_any(const nlohmann::json& value, nlohmann::json& out);
  // Both return false and add a fault where the value does not fit.
  bool read_signed(const nlohmann::json& value, std::int64_t& out, std::int64_t least,
                   std::int64_t most, const std::string& path, const Limits& limits);
  bool read_unsigned(const nlohmann::json& value, std::uint64_t& out, std::uint64_t most,
                     const std::string& path, const Limits& limits);
  bool expect_list(const nlohmann::json& value, const std::string& path, const Limits& limits);
  bool expect_map(const nlohmann::json& value, const std::string& path, const Limits& limits);
  bool expect_object(const nlohmann::json& value, const std::string& path);

  template <class T>
  void read(const nlohmann::json& value, T& out, const std::string& path, const Limits& limits) {
    if constexpr (std::is_same_v<T, bool>) {
      read_bool(value, out, path);
    } else if constexpr (std::is_floating_point_v<T>) {
      double number = 0;
      read_number(value, number, path, limits);
      out = static_cast<T>(number);
    } else if constexpr (std::is_integral_v<T>) {
      read_integer(value, out, path, limits);
    } else if constexpr (std::is_same_v<T, std::string>) {
      read_text(value, out, path, limits);
    } else if constexpr (is_span<T>) {
      read_span(value, out, path, limits);
    } else if constexpr (std::is_same_v<T, Stamp>) {
      read_integer(value, out.ms, path, limits);
    } else if constexpr (std::is_same_v<T, nlohmann::json>) {
      read_any(value, out);
    } else {
      read_compound(value, out, path, limits);
    }
  }
  template <class T>
  void read_compound(const nlohmann::json& value, T& out, const std::string& path,
                     const Limits& limits) {
    if constexpr (is_optional<T>) {
      if (is_null(value)) return out.reset();
      read(value, out.emplace(), path, limits);
    } else if constexpr (is_list<T>) {
      if (!expect_list(value, path, limits)) return;
      out.clear();
      for (const nlohmann::json* item : items(value)) {
        const std::string at = path + "[" + std::to_string(out.size()) + "]";
        read(*item, out.emplace_back(), at, limits);
      }
    } else if constexpr (is_map<T>) {
      if (!expect_map(value, path, limits)) return;
      out.clear();
      for (const auto& [key, item] : entries(value)) {
        read(*item, out[key], path + "." + key, limits);
      }
    } else if constexpr (Textual<T>) {
      read_textual(value, out, path, limits);
    } else {
      static_assert(Structured<T>, "a field is a basic type or a struct with fields()");
      if (!expect_object(value, path)) return;
      Decoder inner(value, path, unknown_, faults_);
      out.fields(inner);
      inner.finish();
    }
  }
  template <class T>
  void read_integer(const nlohmann::json& value, T& out, const std::string& path,
                    const Limits& limits) {
    if constexpr (std::is_unsigned_v<T>) {
      std::uint64_t wide = 0;
      const std::uint64_t most = std::numeric_limits<T>::max();
      if (read_unsigned(value, wide, most, path, limits)) out = static_cast<T>(wide);
    } else {
      std::int64_t wide = 0;
      const std::int64_t least = std::numeric_limits<T>::min();
      const std::int64_t most = std::numeric_limits<T>::max();
      if (read_signed(value, wide, least, most, path, limits)) out = static_cast<T>(wide);
    }
  }
  template <class T>
  void read_span(const nlohmann::json& value, T& out, const std::string& path,
                 const Limits& limits) {
    // A century fits; more would overflow in microseconds.
    constexpr std::int64_t most =
        std::chrono::duration_cast<T>(std::chrono::hours(876'000)).count();
    std::int64_t count = 0;
    if (read_signed(value, count, 0, most, path, limits)) out = T{count};
  }
  template <class T>
  void read_textual(const nlohmann::json& value, T& out, const std::string& path,
                    const Limits& limits) {
    const std::size_t before = faults_.list.size();
    std::string text;
    read_text(value, text, path, limits);
    if (faults_.list.size() != before) return;
    if (std::optional<T> parsed = T::parse(text)) {
      out = std::move(*parsed);
    } else {
      faults_.add(path, "is not well formed");
    }
  }

  const nlohmann::json& object_;
  std::string path_;
  Unknown unknown_;
  Faults& faults_;
  std::vector<std::string_view> taken_{};
};

// All faults at once: Code::invalid with Error::fields, or too_large where length is the only
// fault.
template <Structured T>
Result<T> decode(const nlohmann::json& value, Unknown unknown = Unknown::refuse);
void check_object(const nlohmann::json& value, Faults& faults);

template <Structured T>
Result<T> decode(const nlohmann::json& value, Unknown unknown) {
  Faults faults;
  check_object(value, faults);
  if (!faults.list.empty()) return faults.error();
  T out{};
  Decoder decoder(value, "", unknown, faults);
  out.fields(decoder);
  decoder.finish();
  if (!faults.list.empty()) return faults.error();
  return out;
}

}  // namespace fleet::catalogue
