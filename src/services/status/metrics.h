// Numbers as Prometheus text (format 0.0.4). It writes; it measures nothing.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fleet::status {

class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // Starts a family; its samples follow. `type` is "gauge" or "counter".
  void family(std::string_view name, std::string_view type, std::string_view meaning);
  void sample(double value, const Labels& labels = {});
  // A family of one sample without labels.
  void single(std::string_view name, std::string_view type, std::string_view meaning, double value);

  std::string take() && { return std::move(text_); }

 private:
  std::string text_{};
  std::string name_{};
};

}  // namespace fleet::status
