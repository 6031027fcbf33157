// Walks one JSON object of the configuration: takes what is known, and reports what is mistyped or
// unknown under its full path. Private to config.cpp.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "fleet/base/result.h"

namespace fleet::app {

class ConfigReader {
 public:
  using json = nlohmann::json;

  ConfigReader(const json& object, std::string path, std::vector<FieldFault>& faults)
      : object_(object), path_(std::move(path)), faults_(faults) {
    if (!object_.is_object()) fault("", "must be an object");
  }
  ConfigReader(const ConfigReader&) = delete;
  ConfigReader& operator=(const ConfigReader&) = delete;

  void text(const std::string& key, std::string& into) {
    if (const json* value = take(key)) {
      if (!value->is_string()) return fault(key, "must be a string");
      into = value->get<std::string>();
    }
  }
  void boolean(const std::string& key, bool& into) {
    if (const json* value = take(key)) {
      if (!value->is_boolean()) return fault(key, "must be true or false");
      into = value->get<bool>();
    }
  }
  // One string or a list of them.
  bool texts(const std::string& key, std::vector<std::string>& into) {
    const json* value = take(key);
    if (value == nullptr) return false;
    into.clear();
    const json list = value->is_array() ? *value : json::array({*value});
    for (const json& item : list) {
      if (!item.is_string()) return fault(key, "must be a string or a list of strings"), true;
      into.push_back(item.get<std::string>());
    }
    return true;
  }
  // A nested object; `read` gets its reader.
  void object(const std::string& key, const std::function<void(ConfigReader&)>& read) {
    if (const json* value = take(key)) {
      ConfigReader nested(*value, path_of(key), faults_);
      if (value->is_object()) read(nested);
      nested.refuse_the_rest();
    }
  }
  // Every entry of an object whose keys are names of the user's own.
  void entries(const std::string& key,
               const std::function<void(const std::string& name, const json& value)>& read) {
    const json* value = take(key);
    if (value == nullptr) return;
    if (!value->is_object()) return fault(key, "must be an object");
    for (const auto& [name, entry] : value->items()) read(name, entry);
  }
  // Known, and not read here.
  bool skip(const std::string& key) { return take(key) != nullptr; }

  void refuse_the_rest() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items()) {
      if (!known_.contains(key)) fault(key, "is not known");
    }
  }
  void fault(const std::string& key, std::string problem) {
    faults_.push_back({key.empty() ? path_ : path_of(key), std::move(problem)});
  }
  std::string path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + '.' + key;
  }
  std::vector<FieldFault>& faults() { return faults_; }

 private:
  const json* take(const std::string& key) {
    known_.insert(key);
    if (!object_.is_object() || !object_.contains(key) || object_.at(key).is_null()) return nullptr;
    return &object_.at(key);
  }

  const json& object_;
  std::string path_;
  std::vector<FieldFault>& faults_;
  std::set<std::string> known_{};
};

}  // namespace fleet::app
