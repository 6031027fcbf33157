#include "services/status/metrics.h"

#include <array>
#include <charconv>

namespace fleet::status {
namespace {

constexpr std::string_view kPrefix = "fleet_nerve_";

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), written.ptr};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view meaning) {
  name_ = std::string(kPrefix) + std::string(name);
  text_ += "# HELP " + name_ + " " + std::string(meaning) + "\n";
  text_ += "# TYPE " + name_ + " " + std::string(type) + "\n";
}

void MetricsText::sample(double value, const Labels& labels) {
  text_ += name_;
  char before = '{';
  for (const auto& [label, content] : labels) {
    text_ += before + std::string(label) + "=\"" + escaped(content) + "\"";
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += " " + number(value) + "\n";
}

void MetricsText::single(std::string_view name, std::string_view type, std::string_view meaning,
                         double value) {
  family(name, type, meaning);
  sample(value);
}

}  // namespace fleet::status
