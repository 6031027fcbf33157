// Reads the fields of one signed JSON object and remembers the first thing wrong with it. For the
// payload decoders of this room only; requests from people go through the catalogue's Fields.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/encoding.h"
#include "fleet/base/result.h"
#include "fleet/base/strict_json.h"
#include "fleet/model/ids.h"

namespace fleet {

class WireReader {
 public:
  using json = nlohmann::json;

  WireReader(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) fail("", "must be an object");
  }

  bool has(std::string_view name) const { return object_.is_object() && object_.contains(name); }
  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }
  void fail(std::string_view name, std::string_view problem) {
    if (error_) return;
    std::string path = where_;
    if (!name.empty()) path += '.' + std::string(name);
    Error error = refuse(Code::invalid, path + ' ' + std::string(problem));
    error.fields.push_back({std::move(path), std::string(problem)});
    error_ = std::move(error);
  }

  std::string text(std::string_view name, std::size_t max = 256) {
    const json* field = need(name);
    if (field == nullptr) return {};
    if (!field->is_string()) return fail(name, "must be a string"), std::string{};
    std::string value = field->get<std::string>();
    if (value.size() > max) fail(name, "is longer than " + std::to_string(max) + " bytes");
    return value;
  }
  std::string optional_text(std::string_view name, std::size_t max = 256) {
    return has(name) ? text(name, max) : std::string{};
  }
  std::int64_t integer(std::string_view name) {
    const json* field = need(name);
    if (field == nullptr) return 0;
    if (!field->is_number_integer()) return fail(name, "must be an integer"), 0;
    return field->get<std::int64_t>();
  }
  std::uint64_t natural(std::string_view name) {
    const std::int64_t value = integer(name);
    if (ok() && value < 1) fail(name, "must be 1 or more");
    return static_cast<std::uint64_t>(value);
  }
  NodeId node(std::string_view name) {
    std::string value = text(name);
    if (ok() && !valid_node_id(value)) fail(name, "is not a node id");
    return value;
  }
  Epoch epoch(std::string_view name) {
    const auto value = parse_epoch(text(name));
    if (ok() && !value) fail(name, "must be 16 hex digits");
    return value.value_or(0);
  }
  // base64url of exactly `size` bytes, or of any number where size is 0.
  std::string bytes(std::string_view name, std::size_t size = 0) {
    auto value = from_base64url(text(name, SIZE_MAX));
    if (ok() && (!value || (size != 0 && value->size() != size))) fail(name, "is not base64url");
    return std::move(value).value_or("");
  }
  // The elements of an optional array; none where it is absent.
  const json::array_t& items(std::string_view name, std::size_t max) {
    static const json::array_t kNone;
    if (!has(name)) return kNone;
    const json& field = object_.at(std::string(name));
    if (!field.is_array()) return fail(name, "must be an array"), kNone;
    if (field.size() > max) return fail(name, "has too many elements"), kNone;
    return field.get_ref<const json::array_t&>();
  }
  std::vector<std::string> texts(std::string_view name, std::size_t max) {
    std::vector<std::string> values;
    for (const json& item : items(name, max)) {
      if (!item.is_string()) return fail(name, "must hold strings"), values;
      values.push_back(item.get<std::string>());
    }
    return values;
  }
  // Takes over the first fault of a nested reader.
  void absorb(const WireReader& nested) {
    if (!error_ && nested.error_) error_ = nested.error_;
  }

 private:
  const json* need(std::string_view name) {
    if (!ok()) return nullptr;
    if (has(name)) return &object_.at(std::string(name));
    fail(name, "is missing");
    return nullptr;
  }

  const json& object_;
  std::string where_;
  std::optional<Error> error_;
};

}  // namespace fleet
