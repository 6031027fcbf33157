#include "faces/http/api.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "faces/http/arguments.h"
#include "faces/http/event_feed.h"
#include "faces/http/openapi.h"

namespace fleet::http {
namespace {

using catalogue::Caller;
using catalogue::Operation;
using nlohmann::json;

constexpr std::string_view kOperationPath = "/op/{operation}";

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Response json_response(int status, const json& value) {
  Response response;
  response.status = status;
  response.body = text_of(value);
  return response;
}

Response health() { return json_response(200, json{{"ok", true}}); }

Task<Response> health_page(Request) { co_return health(); }

bool is_owner(const Request& request) {
  return request.entry == Entry::local || request.entry == Entry::unix_socket;
}

bool is_health(const Request& request) {
  return request.method == "GET" && request.path == "/health";
}

Response unknown_path() {
  return error_response(
      refuse(Code::not_found, "unknown_path", "no such path; GET /openapi.json lists them"));
}

Response wrong_method(const Request& request, const std::string& allow) {
  const Error error = refuse(Code::invalid, "method_not_allowed",
                             request.method + " is not for this path; allowed: " + allow);
  Response response = error_response(error);
  response.status = 405;
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool wants_stream(const Request& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

}  // namespace

Api::Api(Needs needs) : needs_(needs) {
  bool has_health = false;
  for (const Operation& operation : needs_.catalogue.operations()) {
    const catalogue::HttpRoute& route = operation.spec.http;
    if (route.path.empty()) continue;
    has_health = has_health || route.path == "/health";
    add_route(route.method, route.path, Target{&operation});
  }
  add_route("POST", std::string(kOperationPath), Target{});
  if (!has_health) page("GET", "/health", health_page);
  const std::string document = text_of(openapi_document(needs_.catalogue));
  page("GET", "/openapi.json", [document](Request) { return openapi_page(document); });
}

void Api::add_route(const std::string& method, const std::string& path, Target target) {
  routes_.add(method, path, targets_.size());
  targets_.push_back(std::move(target));
}

void Api::page(const std::string& method, const std::string& path, Page page) {
  const RouteTable::Match taken = routes_.find(method, path);
  if (taken.method_known) throw std::logic_error("the path " + path + " is taken");
  add_route(method, path, Target{nullptr, std::move(page)});
}

std::optional<Response> Api::route_refusal(const Request& head) const {
  const RouteTable::Match match = routes_.find(head.method, head.path);
  if (!match.path_known) return unknown_path();
  if (!match.method_known) return wrong_method(head, match.allow);
  return std::nullopt;
}

std::optional<Response> Api::admit(const Request& head) {
  if (is_owner(head)) return route_refusal(head);
  if (is_health(head)) return std::nullopt;
  return error_response(refuse(Code::unauthenticated, "this address is for signed peers only"));
}

Task<Response> Api::handle(Request request) {
  if (!is_owner(request)) {
    if (is_health(request)) co_return health();
    co_return error_response(
        refuse(Code::unauthenticated, "this address is for signed peers only"));
  }
  Result<Caller> caller = local_caller(request);
  if (!caller) co_return error_response(caller.error());
  co_return co_await answer(std::move(request), std::move(caller.value()));
}

Task<Response> Api::answer(Request request, Caller caller) {
  // Whoever may ask learns the same two words as a stranger; the owner gets the operation.
  if (caller.kind == Caller::Kind::peer && is_health(request)) co_return health();
  if (std::optional<Response> refusal = route_refusal(request)) co_return std::move(*refusal);
  RouteTable::Match match = routes_.find(request.method, request.path);
  const Target& target = targets_[match.target];
  if (target.page) {
    if (caller.kind == Caller::Kind::peer) co_return unknown_path();
    co_return co_await target.page(std::move(request));
  }
  const Operation* operation = target.operation;
  if (operation == nullptr) operation = needs_.catalogue.find(match.names.front().second);
  if (operation == nullptr) {
    co_return error_response(refuse(Code::not_found, "unknown_operation",
                                    "no such operation; GET /openapi.json lists them"));
  }
  if (operation->spec.follow.sse && !request.changes() && wants_stream(request)) {
    co_return open_stream(*operation, request, caller);
  }
  co_return co_await run(*operation, std::move(request), std::move(match), std::move(caller));
}

Task<Response> Api::run(const Operation& operation, Request request, RouteTable::Match match,
                        Caller caller) {
  Result<json> args = arguments_of(request, match.names, operation.input);
  if (!args) co_return error_response(args.error());
  std::string name = operation.spec.name;
  catalogue::Reply reply =
      co_await needs_.dispatcher.call(std::move(name), std::move(args.value()), std::move(caller));
  if (!reply) co_return error_response(reply.error());
  const auto status = operation.spec.http_status;
  co_return json_response(status == nullptr ? 200 : status(reply.value()), reply.value());
}

Response Api::open_stream(const Operation& operation, const Request& request,
                          const Caller& caller) {
  Result<void> access = catalogue::check_access(operation.spec, caller);
  if (!access) return error_response(access.error());
  Result<FeedPlace> place = feed_place(request, needs_.events.newest());
  if (!place) return error_response(place.error());
  return event_feed(needs_.events, needs_.clock, std::move(place.value()));
}

}  // namespace fleet::http
