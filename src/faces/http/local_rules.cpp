#include "faces/http/local_rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace fleet::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array kOwnNames{"127.0.0.1"sv, "localhost"sv, "[::1]"sv};

Refusal forbidden(std::string message) {
  return {403, refuse(Code::forbidden, std::move(message))};
}

// "127.0.0.1:8855", or without the port where none is needed to say which one.
bool is_own_authority(std::string_view authority, std::uint16_t port, bool port_optional) {
  for (const std::string_view name : kOwnNames) {
    if (!iequals(authority.substr(0, name.size()), name)) continue;
    const std::string_view rest = authority.substr(name.size());
    if (rest.empty()) return port_optional;
    return rest == ":" + std::to_string(port);
  }
  return false;
}

bool is_own_origin(std::string_view origin, std::uint16_t port) {
  constexpr std::string_view scheme = "http://";
  if (!origin.starts_with(scheme)) return false;
  return is_own_authority(origin.substr(scheme.size()), port, port == 80);
}

bool is_own_referer(std::string_view referer, std::uint16_t port) {
  const std::size_t slash = referer.find('/', "http://"sv.size());
  return is_own_origin(referer.substr(0, slash), port);
}

bool is_forwarded(std::string_view name) {
  return name.starts_with("x-forwarded-") || name == "forwarded" || name == "x-real-ip";
}

std::optional<Refusal> forwarding(const Request& request) {
  const auto& headers = request.headers;
  if (std::none_of(headers.begin(), headers.end(),
                   [](const auto& header) { return is_forwarded(header.first); })) {
    return std::nullopt;
  }
  return forbidden("the local port takes nothing that a proxy forwards; use a remote listener");
}

std::optional<Refusal> media_type(const Request& request) {
  if (!request.changes()) return std::nullopt;
  const std::string_view type = request.header("content-type");
  if (iequals(trim(type.substr(0, type.find(';'))), "application/json")) return std::nullopt;
  return Refusal{415,
                 refuse(Code::malformed, "unsupported_media_type",
                        request.method + " needs JSON: add -H 'Content-Type: application/json'")};
}

std::optional<Refusal> host(const Request& request) {
  const auto count = std::count_if(request.headers.begin(), request.headers.end(),
                                   [](const auto& header) { return header.first == "host"; });
  if (count != 1) {
    return Refusal{400, refuse(Code::malformed, "exactly one Host header is needed")};
  }
  if (is_own_authority(request.header("host"), request.local_port, true)) return std::nullopt;
  return forbidden("the local port answers to 127.0.0.1, localhost and [::1], port " +
                   std::to_string(request.local_port) + " or none; Host names another");
}

std::optional<Refusal> origin(const Request& request) {
  if (request.has_header("origin") &&
      !is_own_origin(request.header("origin"), request.local_port)) {
    return forbidden("a web page of another origin may not use this node");
  }
  if (request.has_header("referer") &&
      !is_own_referer(request.header("referer"), request.local_port)) {
    return forbidden("a link from another origin may not reach this node");
  }
  const std::string_view site = request.header("sec-fetch-site");
  if (request.has_header("sec-fetch-site") && site != "same-origin" && site != "none") {
    return forbidden("a browser says that another site asks");
  }
  return std::nullopt;
}

// Takes the same time wherever the first difference stands.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.empty() || a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

bool from_a_page(const Request& request) {
  return request.has_header("origin") || request.header("sec-fetch-site") == "same-origin";
}

}  // namespace

std::optional<Refusal> local_refusal(const Request& request, std::string_view token) {
  if (!is_loopback(request.peer_address)) {
    return forbidden("the local port serves this machine only; use a remote listener");
  }
  for (const auto rule : {forwarding, host, origin}) {
    if (auto refusal = rule(request)) return refusal;
  }
  const bool has_token = same_secret(token, request.header(kLocalTokenHeader));
  if (!request.same_uid && !has_token) {
    return Refusal{401, refuse(Code::unauthenticated,
                               "this node belongs to another user; run as that user, or send its "
                               "local token as X-Fleet-Token")};
  }
  if (auto refusal = media_type(request)) return refusal;
  if (request.changes() && from_a_page(request) && !has_token) {
    return forbidden("changes from a page need X-Fleet-Token as the page got it; reload the page");
  }
  return std::nullopt;
}

std::optional<Refusal> unix_refusal(const Request& request) {
  if (!request.same_uid) {
    return Refusal{401, refuse(Code::unauthenticated, "this node belongs to another user")};
  }
  if (auto refusal = forwarding(request)) return refusal;
  return media_type(request);
}

bool is_loopback(std::string_view address) {
  return address == "::1" || (address.starts_with("127.") && address.size() <= 15);
}

}  // namespace fleet::http
