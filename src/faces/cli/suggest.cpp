#include "faces/cli/suggest.h"

#include <algorithm>
#include <numeric>

namespace fleet::cli {
namespace {

// Edits between two words, a swap of neighbours counting as one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  std::iota(cost[0].begin(), cost[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& known) {
  typed = typed.substr(0, 40);
  std::size_t least = 1 + typed.size() / 3;
  std::string best;
  for (const std::string& word : known) {
    const std::size_t far = distance(typed, word);
    const bool begins = typed.size() >= 3 && word.starts_with(typed);
    if (far > least && !(begins && best.empty())) continue;
    if (far == least && !best.empty()) continue;
    least = std::min(least, far);
    best = word;
  }
  return best;
}

}  // namespace fleet::cli
