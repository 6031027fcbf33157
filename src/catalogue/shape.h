// Shape: what a request or reply looks like, as data. It is read off a struct's fields() list once
// and rendered from there as JSON schema, command line, query parameters and documentation, so that
// no face repeats a field. It validates nothing; the Decoder does.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/limits.h"
#include "fleet/base/result.h"

namespace fleet::catalogue {

enum class Kind { boolean, integer, number, text, object, list, map, any };
std::string_view to_string(Kind kind);

struct Field;

struct Shape {
  Kind kind = Kind::any;
  bool nullable = false;
  Limits limits{};
  std::vector<std::string> choices{};  // text only
  std::vector<Field> fields{};         // object only
  std::vector<Shape> item{};           // list and map: exactly one
  const Field* find(std::string_view name) const;
};

struct Field {
  std::string name;
  std::string doc;
  bool required = false;
  std::string fallback{};  // JSON text of the default; empty where there is none
  Shape shape{};
};

nlohmann::json schema_of(const Shape& shape);

// A word of a command line or a query string as the JSON value that the shape asks for. Lists take
// commas; objects and `any` take JSON text (`any` takes other text as a string).
Result<nlohmann::json> value_from_text(const Shape& shape, std::string_view path,
                                       std::string_view text);

// One line for people: "integer, 1 to 500, default 50".
std::string describe_shape(const Field& field);

}  // namespace fleet::catalogue
