#include "faces/http/route_table.h"

#include <algorithm>
#include <optional>

#include "faces/http/request.h"

namespace fleet::http {
namespace {

using Pieces = std::vector<std::string>;

// "/a/b" → a, b; "/" → nothing. Split before decoding, so that %2F stays inside its piece.
std::optional<Pieces> pieces_of(std::string_view path) {
  Pieces out;
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::optional<std::string> piece = percent_decode(path.substr(0, slash));
    if (!piece) return std::nullopt;
    out.push_back(std::move(*piece));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

bool is_name(std::string_view piece) { return piece.starts_with('{') && piece.ends_with('}'); }

std::size_t names_in(const Pieces& pattern) {
  return static_cast<std::size_t>(std::count_if(
      pattern.begin(), pattern.end(), [](const std::string& piece) { return is_name(piece); }));
}

bool fits(const Pieces& pattern, const Pieces& pieces) {
  if (pattern.size() != pieces.size()) return false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (is_name(pattern[i]) ? pieces[i].empty() : pattern[i] != pieces[i]) return false;
  }
  return true;
}

void take_names(const Pieces& pattern, Pieces& pieces, RouteTable::Match& match) {
  match.names.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_name(pattern[i])) continue;
    match.names.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), pieces[i]);
  }
}

void allow(std::string& list, const std::string& method) {
  if (!list.empty()) list += ", ";
  list += method == "GET" ? "GET, HEAD" : method;
}

}  // namespace

void RouteTable::add(std::string method, std::string_view pattern, std::size_t target) {
  routes_.push_back({std::move(method), *pieces_of(pattern), target});
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  Match match;
  std::optional<Pieces> pieces = pieces_of(path);
  if (!pieces) return match;
  std::size_t fewest = pieces->size() + 1;
  for (const Route& route : routes_) {
    if (!fits(route.pieces, *pieces)) continue;
    match.path_known = true;
    allow(match.allow, route.method);
    if (route.method != method || names_in(route.pieces) >= fewest) continue;
    fewest = names_in(route.pieces);
    match.method_known = true;
    match.target = route.target;
    take_names(route.pieces, *pieces, match);
  }
  return match;
}

}  // namespace fleet::http
