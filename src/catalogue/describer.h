// Describer: reads a fields() list into a Shape, the data that every rendering is made from.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "catalogue/field_types.h"
#include "catalogue/limits.h"
#include "catalogue/shape.h"

namespace fleet::catalogue {

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
