#include "catalogue/catalogue.h"

#include <algorithm>
#include <stdexcept>

namespace fleet::catalogue {
namespace {

constexpr std::size_t kNameLength = 30;  // MCP clients put 31 characters of their own in front

void require(bool condition, const OperationSpec& spec, const std::string& what) {
  if (!condition) throw std::logic_error("operation '" + spec.name + "': " + what);
}

bool name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void check_name(const OperationSpec& spec) {
  require(!spec.name.empty() && spec.name.size() <= kNameLength, spec, "name is empty or too long");
  require(std::all_of(spec.name.begin(), spec.name.end(), name_letter), spec,
          "a name has only a-z, 0-9, _ and -");
  require(!spec.summary.empty(), spec, "has no summary");
}

void check_field(const Operation& operation, std::string_view field, const std::string& where) {
  require(operation.input.find(field) != nullptr, operation.spec,
          where + " names the field '" + std::string(field) + "', which the request lacks");
}

void check_route(const Operation& operation) {
  std::string_view path = operation.spec.http.path;
  if (path.empty()) return;
  require(path.front() == '/', operation.spec, "path must begin with /");
  for (std::size_t open = path.find('{'); open != path.npos; open = path.find('{')) {
    const std::size_t close = path.find('}', open);
    require(close != path.npos, operation.spec, "path has a { without }");
    check_field(operation, path.substr(open + 1, close - open - 1), "path");
    path.remove_prefix(close + 1);
  }
}

bool same_route(const HttpRoute& a, const HttpRoute& b) {
  return !a.path.empty() && a.method == b.method && a.path == b.path;
}

void check_unlike(const Operation& a, const Operation& b) {
  require(a.spec.name != b.spec.name, a.spec, "is there twice");
  require(!same_route(a.spec.http, b.spec.http), a.spec, "has the route of " + b.spec.name);
  require(a.spec.cli.command.empty() || a.spec.cli.command != b.spec.cli.command, a.spec,
          "has the command of " + b.spec.name);
}

}  // namespace

void Catalogue::insert(Operation operation) {
  check_name(operation.spec);
  check_route(operation);
  for (const std::string& field : operation.spec.cli.positional) {
    check_field(operation, field, "command line");
  }
  for (const Operation& other : operations_) check_unlike(operation, other);
  operations_.push_back(std::move(operation));
  by_name_[operations_.back().spec.name] = &operations_.back();
}

const Operation* Catalogue::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void* Catalogue::service_of(const Operation& operation) const {
  const auto found = services_.find(operation.service);
  return found == services_.end() ? nullptr : found->second;
}

}  // namespace fleet::catalogue
