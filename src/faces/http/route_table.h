// RouteTable: which path and method leads where. A pattern is literal pieces and {names}; a literal
// piece wins over a name. It knows no operation and no HTTP beyond that. Used by Api.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fleet::http {

class RouteTable {
 public:
  struct Match {
    bool path_known = false;
    bool method_known = false;
    std::size_t target = 0;                                    // what add() was given
    std::vector<std::pair<std::string, std::string>> names{};  // {id} → decoded piece
    std::string allow{};                                       // "GET, HEAD, POST" of this path
  };

  void add(std::string method, std::string_view pattern, std::size_t target);
  // `path` is still percent-encoded; a broken escape is an unknown path.
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pieces;
    std::size_t target;
  };
  std::vector<Route> routes_{};
};

}  // namespace fleet::http
