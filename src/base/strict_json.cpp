#include "fleet/base/strict_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fleet/base/utf8.h"

namespace fleet {

namespace {

using Json = nlohmann::json;
constexpr std::int64_t kMaxInteger = std::int64_t{1} << 53;  // what every reader holds exactly
constexpr std::size_t kShownKeyBytes = 64;

// Builds the document while it is read, so that a limit stops the reading where it is passed.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(std::int64_t value) override {
    if (value < -kMaxInteger) return fail("an integer is below -2^53");
    return add(value) != nullptr;
  }
  bool number_unsigned(std::uint64_t value) override {
    if (value > static_cast<std::uint64_t>(kMaxInteger)) return fail("an integer is above 2^53");
    return add(value) != nullptr;
  }
  bool number_float(double value, const std::string& text) override {
    // The lexer hands over integers that no 64-bit word holds as floats.
    if (text.find_first_of(".eE") == std::string::npos) return fail("an integer is beyond ±2^53");
    return add(value) != nullptr;
  }
  bool string(std::string& value) override { return add(std::move(value)) != nullptr; }
  bool binary(Json::binary_t&) override { return fail("is not JSON"); }

  bool start_object(std::size_t) override { return open(Json::value_t::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::value_t::array); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (++keys_ > limits_.keys)
      return fail("there are more than " + std::to_string(limits_.keys) + " keys");
    key_ = std::move(name);
    auto [slot, fresh] = open_.back()->get_ref<Json::object_t&>().emplace(key_, nullptr);
    slot_ = &slot->second;
    return fresh || fail("the key stands twice");
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    problem_ = "at byte " + std::to_string(position) + ": not JSON as RFC 8259 has it";
    return false;
  }

  Json take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  // Where the next value belongs: the document itself, a new array element, or the last key's slot.
  template <class Value>
  Json* add(Value&& value) {
    if (++values_ > limits_.values) {
      fail("there are more than " + std::to_string(limits_.values) + " values");
      return nullptr;
    }
    if (open_.empty()) return &(root_ = std::forward<Value>(value));
    if (open_.back()->is_object()) return &(*slot_ = std::forward<Value>(value));
    auto& array = open_.back()->get_ref<Json::array_t&>();
    return &array.emplace_back(std::forward<Value>(value));
  }

  bool open(Json::value_t kind) {
    if (open_.size() == limits_.depth)
      return fail("it is nested deeper than " + std::to_string(limits_.depth));
    Json* const place = add(kind);
    if (place == nullptr) return false;
    keys_above_.push_back(std::exchange(key_, {}));
    open_.push_back(place);
    return true;
  }

  bool close() {
    open_.pop_back();
    key_ = std::move(keys_above_.back());
    keys_above_.pop_back();
    return true;
  }

  bool fail(const std::string& problem) {
    problem_ = "at " + path() + ": " + problem;
    return false;
  }

  // Keys only, never values; a key is cut and cleaned, since it may come from anyone.
  std::string path() const {
    std::string text;
    for (std::size_t level = 0; level < open_.size(); ++level) {
      const bool innermost = level + 1 == open_.size();
      const std::string& name = innermost ? key_ : keys_above_[level + 1];
      const Json& holder = *open_[level];
      const std::size_t index = holder.size() - (innermost ? 0 : 1);  // the last one is open
      text += "/" + (holder.is_array() ? std::to_string(index)
                                       : clean_for_prompt(truncate_utf8(name, kShownKeyBytes)));
    }
    return text.empty() ? "the top" : text;
  }

  const JsonLimits& limits_;
  Json root_;
  Json* slot_ = nullptr;
  std::vector<Json*> open_;  // stays valid: an open element is the last one of its holder
  std::string key_;          // last key of the innermost object
  std::vector<std::string> keys_above_;
  std::size_t keys_ = 0;
  std::size_t values_ = 0;
  std::string problem_;
};

}  // namespace

Result<nlohmann::json> parse_strict_json(std::string_view bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes)
    return refuse(Code::too_large,
                  "JSON is larger than " + std::to_string(limits.bytes) + " bytes; send less");
  if (bytes.starts_with("\xEF\xBB\xBF"))
    return refuse(Code::malformed, "JSON at byte 0: a byte-order mark stands there; leave it out");
  // The lexer takes a NUL for the end and would not see what follows it.
  if (const auto nul = bytes.find('\0'); nul != bytes.npos)
    return refuse(Code::malformed, "JSON at byte " + std::to_string(nul) + ": a NUL stands there");
  Builder builder(limits);
  if (!Json::sax_parse(bytes.begin(), bytes.end(), &builder))
    return refuse(Code::malformed, "JSON " + builder.problem());
  return builder.take();
}

}  // namespace fleet
