// The process environment as a value, read once in main: nothing else in the program asks for it.
#pragma once

#include <map>
#include <string>

namespace fleet::app {

class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  static Environment of_process();

  // Empty where it is not set.
  const std::string& get(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace fleet::app
