#include "app/environment.h"

#include <unistd.h>

#include <string_view>

namespace fleet::app {

Environment Environment::of_process() {
  std::map<std::string, std::string> values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (equals != line.npos) values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return Environment(std::move(values));
}

const std::string& Environment::get(const std::string& name) const {
  static const std::string kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

}  // namespace fleet::app
