#include "faces/http/response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace fleet::http {
namespace {

struct Header {
  std::string_view name;
  std::string_view value;
};

// A page may be shown by nobody but us, kept by nobody, framed by nobody.
constexpr std::array<Header, 6> kSecurity{{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string all_security_headers() {
  std::string out;
  for (const Header& header : kSecurity) append_header(out, header.name, header.value);
  return out;
}

bool is_security(std::string_view name) {
  return std::any_of(kSecurity.begin(), kSecurity.end(),
                     [name](const Header& header) { return iequals(header.name, name); });
}

bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 4> ours{"content-length", "transfer-encoding",
                                                 "connection", "content-type"};
  return std::any_of(ours.begin(), ours.end(), [name](auto own) { return iequals(own, name); }) ||
         to_lower(name).starts_with("access-control-");
}

// A value with a line break would start a header, or an answer, of the sender's choice.
bool is_sendable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

void append_security(std::string& out, const Response& response) {
  static const std::string usual = all_security_headers();
  const bool replaced = std::any_of(response.headers.begin(), response.headers.end(),
                                    [](const auto& own) { return is_security(own.first); });
  if (!replaced) {
    out += usual;
    return;
  }
  for (const Header& header : kSecurity) {
    const bool own = std::any_of(response.headers.begin(), response.headers.end(),
                                 [&](const auto& h) { return iequals(h.first, header.name); });
    if (!own) append_header(out, header.name, header.value);
  }
}

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string error_json(const Error& error) {
  nlohmann::json inner = {{"code", std::string(error.wire_name())}, {"message", error.message}};
  for (const FieldFault& fault : error.fields) {
    inner["fields"].push_back({{"path", fault.path}, {"problem", fault.problem}});
  }
  nlohmann::json outer;
  outer["error"] = std::move(inner);
  // Messages may quote bytes of the client that are no UTF-8.
  return outer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Response refusal_response(const Refusal& refusal) {
  Response out;
  out.status = refusal.status;
  out.body = error_json(refusal.error);
  if (refusal.error.retry_after_s > 0) {
    out.headers.emplace_back("Retry-After", std::to_string(refusal.error.retry_after_s));
  }
  if (refusal.status == 405) out.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE");
  return out;
}

Response error_response(const Error& error) {
  return refusal_response({http_status(error.code), error});
}

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

void append_head(std::string& out, const Response& response, const Framing& framing) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason(response.status)).append("\r\n");
  if (!response.content_type.empty() && is_sendable(response.content_type)) {
    append_header(out, "Content-Type", response.content_type);
  }
  if (framing.chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!response.stream && !has_no_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (!framing.keep_alive) out += "Connection: close\r\n";
  for (const auto& [name, value] : response.headers) {
    if (!is_framing(name) && is_sendable(name) && is_sendable(value))
      append_header(out, name, value);
  }
  append_security(out, response);
  out += "\r\n";
}

std::string chunk(std::string_view piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
  std::string out;
  out.reserve(piece.size() + 20);
  out.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
  return out;
}

}  // namespace fleet::http
