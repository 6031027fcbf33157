#include "faces/http/arguments.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fleet/base/strict_json.h"

namespace fleet::http {
namespace {

using catalogue::Caller;
using catalogue::Field;
using catalogue::Kind;
using catalogue::Shape;
using nlohmann::json;

constexpr std::size_t kBodyBytes = 2 * 1024 * 1024;  // the server's own limit (spec: security §5)
constexpr std::size_t kHeaderWord = 200;             // bytes of a session id or idempotency key

void fault(Error& error, std::string path, std::string problem) {
  error.message += (error.message.empty() ? "" : "; ") + path + " " + problem;
  error.fields.push_back({std::move(path), std::move(problem)});
}

// One name=value of the query. An unknown name is kept, so that the Decoder names it.
void take_pair(json& args, const Shape& input, const std::string& name, const std::string& text,
               Error& error) {
  const Field* field = input.find(name);
  if (field == nullptr) {
    args[name] = text;
    return;
  }
  Result<json> value = catalogue::value_from_text(field->shape, name, text);
  if (!value) return fault(error, name, value.error().fields.front().problem);
  if (!args.contains(name)) {
    args[name] = std::move(*value);
  } else if (field->shape.kind == Kind::list) {
    for (json& item : *value) args[name].push_back(std::move(item));
  } else {
    fault(error, name, "is given twice");
  }
}

Result<json> query_arguments(std::string_view query, const Shape& input) {
  json args = json::object();
  Error error = refuse(Code::invalid, "");
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::optional<std::string> name = query_decode(pair.substr(0, equals));
    const std::optional<std::string> value =
        query_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return refuse(Code::malformed, "the query has a broken %-escape");
    take_pair(args, input, *name, *value, error);
  }
  if (!error.fields.empty()) return error;
  return args;
}

Result<json> body_arguments(const Request& request) {
  if (!request.query.empty()) {
    return refuse(Code::invalid,
                  "a " + request.method + " takes its fields in the JSON body, not in the query");
  }
  if (request.body.empty()) return Result<json>(json::object());
  JsonLimits limits;
  limits.bytes = kBodyBytes;
  Result<json> body = parse_strict_json(request.body, limits);
  if (!body) return body.error();
  if (!body->is_object()) return refuse(Code::invalid, "the body must be a JSON object");
  return body;
}

// Visible ASCII and spaces, and not much of it.
Result<std::string> header_word(const Request& request, std::string_view name) {
  const std::string_view text = request.header(name);
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (plain && text.size() <= kHeaderWord) return std::string(text);
  return refuse(Code::invalid, std::string(name) + " must be plain text of at most 200 bytes");
}

}  // namespace

Result<json> arguments_of(const Request& request, const PathNames& names, const Shape& input) {
  Result<json> args =
      request.changes() ? body_arguments(request) : query_arguments(request.query, input);
  if (!args) return args;
  for (const auto& [name, text] : names) {
    const Field* field = input.find(name);
    if (field == nullptr) continue;
    Result<json> value = catalogue::value_from_text(field->shape, name, text);
    if (!value) return value;
    (*args)[name] = std::move(*value);
  }
  return args;
}

Result<std::string> idempotency_key(const Request& request) {
  return header_word(request, "idempotency-key");
}

Result<Caller> local_caller(const Request& request) {
  Caller caller;
  Result<std::string> key = idempotency_key(request);
  if (!key) return key.error();
  Result<std::string> session = header_word(request, "x-fleet-session");
  if (!session) return session.error();
  caller.idempotency_key = std::move(*key);
  caller.session = std::move(*session);
  if (!caller.session.empty()) caller.kind = Caller::Kind::session;
  const bool vouched = request.entry == Entry::unix_socket && request.same_uid;
  if (vouched && request.header("x-fleet-tty") == "1") caller.kind = Caller::Kind::tty;
  return caller;
}

}  // namespace fleet::http
