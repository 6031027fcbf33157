// Fields: a struct names its fields once,
//   template <class V> void fields(V& v) {
//     v.required("to", to, "who gets it: a node, self, all or a group");
//     v.optional("limit", limit, "how many at most", between(1, 500));
//     v.choice("type", type, {"alert", "reply"}, "what it is"); }
// and is decoded, encoded and described by it. Decoding reports every fault at once and names
// unknown fields. Types: bool, integers, double, std::string, Seconds, Millis, Stamp, optional,
// vector, map<string, T>, nested structs, anything with parse/to_string, nlohmann::json (as is).
// required + optional<T> = present but may be null; optional + optional<T> = left out when empty.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "catalogue/limits.h"
#include "catalogue/shape.h"
#include "fleet/base/result.h"
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

// ------------------------------------------------------------------------------------ decoding
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

// ------------------------------------------------------------------------------------ encoding
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

// ---------------------------------------------------------------------------------- describing
class Describer {
 public:
  explicit Describer(Shape& shape) : shape_(shape) { shape_.kind = Kind::object; }

  template <class T>
  void required(std::string_view name, T& value, std::string_view doc, const Limits& limits = {}) {
    add(name, doc, true, limits, value);
  }
  template <class T>
  void optional(std::string_view name, T& value, std::string_view doc, const Limits& limits = {}) {
    Field& field = add(name, doc, false, limits, value);
    field.shape.nullable = false;
    if constexpr (!is_optional<T> && !Structured<T>) field.fallback = json_text(value);
  }
  template <class T>
  void choice(std::string_view name, T& value, const Choices& choices, std::string_view doc) {
    optional(name, value, doc);
    set_choices(choices);
  }
  template <class T>
  void required_choice(std::string_view name, T& value, const Choices& choices,
                       std::string_view doc) {
    required(name, value, doc);
    set_choices(choices);
  }

 private:
  template <class T>
  Field& add(std::string_view name, std::string_view doc, bool required, const Limits& limits, T&) {
    Shape shape = shape_for<T>(limits);
    shape_.fields.push_back({std::string(name), std::string(doc), required, "", std::move(shape)});
    return shape_.fields.back();
  }
  void set_choices(const Choices& choices);

  // The default as JSON text; empty texts, lists and maps are not worth a word.
  template <class T>
  static std::string json_text(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_arithmetic_v<T>) {
      return number_text(static_cast<double>(value));
    } else if constexpr (is_span<T>) {
      return std::to_string(value.count());
    } else if constexpr (std::is_same_v<T, std::string>) {
      return value.empty() ? "" : quoted(value);
    } else {
      return "";
    }
  }
  static std::string number_text(double value);
  static std::string quoted(const std::string& text);

  template <class T>
  static Shape shape_for(const Limits& limits) {
    Shape shape;
    shape.limits = limits;
    if constexpr (std::is_same_v<T, bool>) {
      shape.kind = Kind::boolean;
    } else if constexpr (std::is_floating_point_v<T>) {
      shape.kind = Kind::number;
    } else if constexpr (std::is_integral_v<T> || is_span<T> || std::is_same_v<T, Stamp>) {
      shape.kind = Kind::integer;
      if (!shape.limits.min && (std::is_unsigned_v<T> || is_span<T>)) shape.limits.min = 0;
    } else if constexpr (std::is_same_v<T, std::string>) {
      shape.kind = Kind::text;
    } else if constexpr (is_optional<T>) {
      shape = shape_for<typename T::value_type>(limits);
      shape.nullable = true;
    } else if constexpr (is_list<T>) {
      shape.kind = Kind::list;
      shape.item.push_back(shape_for<typename T::value_type>(limits));
    } else if constexpr (is_map<T>) {
      shape.kind = Kind::map;
      shape.item.push_back(shape_for<typename T::mapped_type>(limits));
    } else if constexpr (std::is_same_v<T, nlohmann::json>) {
      shape.kind = Kind::any;
    } else if constexpr (Textual<T>) {
      shape.kind = Kind::text;
    } else {
      T sample{};
      Describer inner(shape);
      sample.fields(inner);
    }
    return shape;
  }

  Shape& shape_;
};

template <Structured T>
Shape shape_of() {
  Shape shape;
  T sample{};
  Describer describer(shape);
  sample.fields(describer);
  return shape;
}

}  // namespace fleet::catalogue
