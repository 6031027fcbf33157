#include "catalogue/shape.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "fleet/base/strict_json.h"

namespace fleet::catalogue {
namespace {

using nlohmann::json;

json object_schema(const Shape& shape) {
  json properties = json::object();
  json required = json::array();
  for (const Field& field : shape.fields) {
    json one = schema_of(field.shape);
    if (!field.doc.empty()) one["description"] = field.doc;
    if (!field.fallback.empty()) one["default"] = json::parse(field.fallback);
    properties[field.name] = std::move(one);
    if (field.required) required.push_back(field.name);
  }
  json schema = json::object();
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

// Whole numbers are written without a point.
json limit_json(double limit) {
  if (std::nearbyint(limit) == limit && std::fabs(limit) < 9e15) {
    return json(static_cast<std::int64_t>(limit));
  }
  return json(limit);
}

void add_range(json& schema, const Limits& limits) {
  if (limits.min) schema["minimum"] = limit_json(*limits.min);
  if (limits.max) schema["maximum"] = limit_json(*limits.max);
}

void add_text_limits(json& schema, const Shape& shape) {
  if (!shape.choices.empty()) {
    schema["enum"] = shape.choices;
    if (shape.nullable) schema["enum"].push_back(nullptr);
    return;
  }
  if (shape.limits.min_bytes > 0) schema["minLength"] = 1;
  // A code point has at least one byte, so the bound in bytes is one in code points.
  if (shape.limits.max_bytes != kTextBytes) schema["maxLength"] = shape.limits.max_bytes;
}

json plain_schema(const Shape& shape) {
  json schema = json::object();
  switch (shape.kind) {
    case Kind::any:
      return schema;
    case Kind::object:
      return object_schema(shape);
    case Kind::boolean:
    case Kind::integer:
    case Kind::number:
      schema["type"] = to_string(shape.kind);
      add_range(schema, shape.limits);
      return schema;
    case Kind::text:
      schema["type"] = "string";
      add_text_limits(schema, shape);
      return schema;
    case Kind::list:
      schema["type"] = "array";
      schema["items"] = schema_of(shape.item.front());
      return schema;
    case Kind::map:
      schema["type"] = "object";
      schema["additionalProperties"] = schema_of(shape.item.front());
      return schema;
  }
  return schema;
}

Error not_a(std::string_view path, std::string problem) {
  Error error = refuse(Code::invalid, std::string(path) + " " + problem);
  error.fields.push_back({std::string(path), std::move(problem)});
  return error;
}

Result<json> bool_from(std::string_view path, std::string_view text) {
  if (text == "1" || text == "true" || text == "yes" || text.empty()) return json(true);
  if (text == "0" || text == "false" || text == "no") return json(false);
  return not_a(path, "must be true or false");
}

template <class Number>
bool whole_text(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && stop == end;
}

Result<json> integer_from(std::string_view path, std::string_view text) {
  std::int64_t number = 0;
  if (whole_text(text, number)) return json(number);
  return not_a(path, "must be an integer");
}

Result<json> number_from(std::string_view path, std::string_view text) {
  double number = 0;
  if (whole_text(text, number) && std::isfinite(number)) return json(number);
  return not_a(path, "must be a number");
}

Result<json> list_from(const Shape& item, std::string_view path, std::string_view text) {
  json list = json::array();
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    Result<json> one = value_from_text(item, path, text.substr(0, comma));
    if (!one) return one.error();
    list.push_back(std::move(*one));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

Result<json> json_from(std::string_view path, std::string_view text) {
  Result<json> value = parse_strict_json(text);
  if (!value) return not_a(path, "must be JSON");
  return value;
}

std::string range_text(const Limits& limits) {
  const auto text = [](double limit) { return limit_json(limit).dump(); };
  if (limits.min && limits.max) return ", " + text(*limits.min) + " to " + text(*limits.max);
  if (limits.min && *limits.min != 0) return ", at least " + text(*limits.min);
  if (limits.max) return ", at most " + text(*limits.max);
  return "";
}

std::string kind_text(const Shape& shape) {
  if (shape.kind == Kind::list) return "list of " + kind_text(shape.item.front());
  if (shape.kind == Kind::map) return "map of " + kind_text(shape.item.front());
  std::string text(to_string(shape.kind));
  for (std::size_t i = 0; i < shape.choices.size(); ++i) {
    text = (i == 0 ? std::string() : text + " | ") + shape.choices[i];
  }
  return text + range_text(shape.limits) + (shape.nullable ? ", or null" : "");
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::text:
      return "text";
    case Kind::object:
      return "object";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::any:
      return "any";
  }
  return "any";
}

const Field* Shape::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

json schema_of(const Shape& shape) {
  json schema = plain_schema(shape);
  if (shape.nullable && schema.contains("type")) {
    schema["type"] = json::array({schema["type"], "null"});
  }
  return schema;
}

Result<json> value_from_text(const Shape& shape, std::string_view path, std::string_view text) {
  switch (shape.kind) {
    case Kind::boolean:
      return bool_from(path, text);
    case Kind::integer:
      return integer_from(path, text);
    case Kind::number:
      return number_from(path, text);
    case Kind::text:
      return json(text);
    case Kind::list:
      return list_from(shape.item.front(), path, text);
    case Kind::object:
    case Kind::map:
      return json_from(path, text);
    case Kind::any: {
      Result<json> value = json_from(path, text);
      return value ? value : Result<json>(json(text));
    }
  }
  return json(text);
}

std::string describe_shape(const Field& field) {
  std::string text = kind_text(field.shape);
  if (!field.fallback.empty()) text += ", default " + field.fallback;
  return text;
}

}  // namespace fleet::catalogue
