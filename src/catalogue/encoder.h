// Encoder: writes a struct as JSON through its fields() list. It checks nothing: what our own code
// says is right, and limits are for what comes from outside.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "catalogue/field_types.h"
#include "catalogue/limits.h"

namespace fleet::catalogue {

class Encoder {
 public:
  explicit Encoder(nlohmann::json& object) : object_(object) {}

  template <class T>
  void required(std::string_view name, const T& value, std::string_view, const Limits& = {}) {
    write(child(object_, name), value);
  }
  template <class T>
  void optional(std::string_view name, const T& value, std::string_view, const Limits& = {}) {
    if constexpr (is_optional<T>) {
      if (!value) return;
    }
    write(child(object_, name), value);
  }
  template <class T>
  void choice(std::string_view name, const T& value, const Choices&, std::string_view doc) {
    optional(name, value, doc);
  }
  template <class T>
  void required_choice(std::string_view name, const T& value, const Choices&,
                       std::string_view doc) {
    required(name, value, doc);
  }

 private:
  static nlohmann::json& child(nlohmann::json& object, std::string_view name);
  static nlohmann::json& append(nlohmann::json& list);
  static void make_list(nlohmann::json& slot);
  static void make_object(nlohmann::json& slot);
  static void set_null(nlohmann::json& slot);
  static void set_bool(nlohmann::json& slot, bool value);
  static void set_number(nlohmann::json& slot, double value);
  static void set_signed(nlohmann::json& slot, std::int64_t value);
  static void set_unsigned(nlohmann::json& slot, std::uint64_t value);
  static void set_text(nlohmann::json& slot, const std::string& value);
  static void set_any(nlohmann::json& slot, const nlohmann::json& value);

  template <class T>
  static void write(nlohmann::json& slot, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      set_bool(slot, value);
    } else if constexpr (std::is_floating_point_v<T>) {
      set_number(slot, static_cast<double>(value));
    } else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>) {
      set_unsigned(slot, value);
    } else if constexpr (std::is_integral_v<T>) {
      set_signed(slot, value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      set_text(slot, value);
    } else if constexpr (is_span<T>) {
      set_signed(slot, value.count());
    } else if constexpr (std::is_same_v<T, Stamp>) {
      set_signed(slot, value.ms);
    } else if constexpr (std::is_same_v<T, nlohmann::json>) {
      set_any(slot, value);
    } else {
      write_compound(slot, value);
    }
  }
  template <class T>
  static void write_compound(nlohmann::json& slot, const T& value) {
    if constexpr (is_optional<T>) {
      if (!value) return set_null(slot);
      write(slot, *value);
    } else if constexpr (is_list<T>) {
      make_list(slot);
      for (const typename T::value_type& item : value) write(append(slot), item);
    } else if constexpr (is_map<T>) {
      make_object(slot);
      for (const auto& [key, item] : value) write(child(slot, key), item);
    } else if constexpr (Textual<T>) {
      set_text(slot, to_string(value));
    } else {
      make_object(slot);
      Encoder inner(slot);
      // fields() serves decoding too and so cannot be const; an Encoder only reads.
      const_cast<T&>(value).fields(inner);
    }
  }

  nlohmann::json& object_;
};

void start_object(nlohmann::json& out);

template <Structured T>
void encode_into(nlohmann::json& out, const T& value) {
  start_object(out);
  Encoder encoder(out);
  const_cast<T&>(value).fields(encoder);
}

}  // namespace fleet::catalogue
