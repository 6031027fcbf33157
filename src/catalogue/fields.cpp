#include "catalogue/fields.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace fleet::catalogue {
namespace {

using nlohmann::json;

// A request with a million wrong fields gets a readable answer.
constexpr std::size_t kNamedFaults = 20;

std::string number_of(double value) {
  if (std::nearbyint(value) == value && std::fabs(value) < 9e15) {
    return std::to_string(static_cast<std::int64_t>(value));
  }
  return json(value).dump();
}

// Empty where the value is in range, else what is wrong with it.
std::string range_problem(double value, const Limits& limits) {
  const bool low = limits.min && value < *limits.min;
  const bool high = limits.max && value > *limits.max;
  if (!low && !high) return "";
  if (limits.min && limits.max) {
    return "must be between " + number_of(*limits.min) + " and " + number_of(*limits.max);
  }
  if (low) return "must be at least " + number_of(*limits.min);
  return "must be at most " + number_of(*limits.max);
}

// 5 and 5.0 are the same JSON number; 5.5 is not an integer.
bool is_whole(const json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return std::nearbyint(number) == number && std::fabs(number) < 9e15;
}

std::string quoted_list(const Choices& choices) {
  std::string text;
  for (std::string_view one : choices) {
    if (!text.empty()) text += ", ";
    text += one;
  }
  return text;
}

}  // namespace

void Faults::add(std::string path, std::string problem) {
  only_too_long = false;
  if (list.size() < kNamedFaults) list.push_back({std::move(path), std::move(problem)});
}

void Faults::add_too_long(std::string path, std::string problem) {
  if (list.size() < kNamedFaults) list.push_back({std::move(path), std::move(problem)});
}

Error Faults::error() const {
  std::string message;
  for (const FieldFault& fault : list) {
    message += (message.empty() ? "" : "; ") + (fault.path.empty() ? "request" : fault.path) + " " +
               fault.problem;
  }
  Error error = refuse(only_too_long ? Code::too_large : Code::invalid, std::move(message));
  error.fields = list;
  return error;
}

void check_object(const json& value, Faults& faults) {
  if (!value.is_object()) faults.add("", "must be a JSON object");
}

Decoder::Decoder(const json& object, std::string path, Unknown unknown, Faults& faults)
    : object_(object), path_(std::move(path)), unknown_(unknown), faults_(faults) {}

const json* Decoder::take(std::string_view name) {
  taken_.push_back(name);
  const auto found = object_.find(std::string(name));
  return found == object_.end() ? nullptr : &*found;
}

std::string Decoder::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void Decoder::check_choice(std::string_view name, const Choices& choices) {
  const auto found = object_.find(std::string(name));
  if (found == object_.end() || !found->is_string()) return;
  const std::string& text = found->get_ref<const std::string&>();
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return;
  faults_.add(path_of(name), "must be one of " + quoted_list(choices));
}

void Decoder::finish() {
  if (unknown_ == Unknown::ignore) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::find(taken_.begin(), taken_.end(), key) != taken_.end()) continue;
    // The name came from outside: cut, so that an error stays an error and not an echo.
    faults_.add(path_of(std::string_view(key).substr(0, 64)), "is not a field of this request");
  }
}

bool Decoder::is_null(const json& value) { return value.is_null(); }

std::vector<const json*> Decoder::items(const json& list) {
  std::vector<const json*> out;
  for (const json& item : list) out.push_back(&item);
  return out;
}

std::vector<std::pair<std::string, const json*>> Decoder::entries(const json& map) {
  std::vector<std::pair<std::string, const json*>> out;
  for (const auto& [key, value] : map.items()) out.emplace_back(key, &value);
  return out;
}

void Decoder::read_bool(const json& value, bool& out, const std::string& path) {
  if (!value.is_boolean()) return faults_.add(path, "must be true or false");
  out = value.get<bool>();
}

void Decoder::read_number(const json& value, double& out, const std::string& path,
                          const Limits& limits) {
  if (!value.is_number()) return faults_.add(path, "must be a number");
  const double number = value.get<double>();
  const std::string problem = range_problem(number, limits);
  if (!problem.empty()) return faults_.add(path, problem);
  out = number;
}

void Decoder::read_text(const json& value, std::string& out, const std::string& path,
                        const Limits& limits) {
  if (!value.is_string()) return faults_.add(path, "must be a string");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.size() > limits.max_bytes) {
    return faults_.add_too_long(path, "has " + std::to_string(text.size()) + " bytes; at most " +
                                          std::to_string(limits.max_bytes));
  }
  if (text.size() < limits.min_bytes) {
    return faults_.add(path,
                       limits.min_bytes == 1
                           ? "must not be empty"
                           : "must have at least " + std::to_string(limits.min_bytes) + " bytes");
  }
  out = text;
}

void Decoder::read_any(const json& value, json& out) { out = value; }

bool Decoder::read_signed(const json& value, std::int64_t& out, std::int64_t least,
                          std::int64_t most, const std::string& path, const Limits& limits) {
  if (!is_whole(value)) return faults_.add(path, "must be an integer"), false;
  const bool beyond = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const std::int64_t number = beyond ? INT64_MAX : value.get<std::int64_t>();
  std::string problem = range_problem(static_cast<double>(number), limits);
  if (problem.empty() && (beyond || number < least || number > most)) {
    problem = "must be between " + std::to_string(least) + " and " + std::to_string(most);
  }
  if (!problem.empty()) return faults_.add(path, problem), false;
  out = number;
  return true;
}

bool Decoder::read_unsigned(const json& value, std::uint64_t& out, std::uint64_t most,
                            const std::string& path, const Limits& limits) {
  if (!is_whole(value)) return faults_.add(path, "must be an integer"), false;
  if (value.get<double>() < 0) return faults_.add(path, "must not be negative"), false;
  const std::uint64_t number = value.get<std::uint64_t>();
  std::string problem = range_problem(static_cast<double>(number), limits);
  if (problem.empty() && number > most) problem = "must be at most " + std::to_string(most);
  if (!problem.empty()) return faults_.add(path, problem), false;
  out = number;
  return true;
}

bool Decoder::expect_list(const json& value, const std::string& path, const Limits& limits) {
  if (!value.is_array()) return faults_.add(path, "must be a list"), false;
  if (value.size() <= limits.max_items) return true;
  faults_.add_too_long(path, "has more than " + std::to_string(limits.max_items) + " items");
  return false;
}

bool Decoder::expect_map(const json& value, const std::string& path, const Limits& limits) {
  if (!expect_object(value, path)) return false;
  if (value.size() <= limits.max_items) return true;
  faults_.add_too_long(path, "has more than " + std::to_string(limits.max_items) + " entries");
  return false;
}

bool Decoder::expect_object(const json& value, const std::string& path) {
  if (!value.is_object()) faults_.add(path, "must be an object");
  return value.is_object();
}

void start_object(json& out) { out = json::object(); }

json& Encoder::child(json& object, std::string_view name) { return object[std::string(name)]; }
json& Encoder::append(json& list) { return list.emplace_back(); }
void Encoder::make_list(json& slot) { slot = json::array(); }
void Encoder::make_object(json& slot) { slot = json::object(); }
void Encoder::set_null(json& slot) { slot = nullptr; }
void Encoder::set_bool(json& slot, bool value) { slot = value; }
void Encoder::set_number(json& slot, double value) { slot = value; }
void Encoder::set_signed(json& slot, std::int64_t value) { slot = value; }
void Encoder::set_unsigned(json& slot, std::uint64_t value) { slot = value; }
void Encoder::set_text(json& slot, const std::string& value) { slot = value; }
void Encoder::set_any(json& slot, const json& value) { slot = value; }

void Describer::set_choices(const Choices& choices) {
  Shape& shape = shape_.fields.back().shape;
  for (std::string_view one : choices) shape.choices.emplace_back(one);
}

std::string Describer::number_text(double value) { return number_of(value); }
std::string Describer::quoted(const std::string& text) { return json(text).dump(); }

}  // namespace fleet::catalogue
