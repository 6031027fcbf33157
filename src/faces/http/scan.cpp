#include "faces/http/scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace fleet::http {
namespace {

using namespace std::string_view_literals;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }

bool is_token_char(char c) { return is_alnum(c) || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c)); }
bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}
bool is_target_char(char c) { return c > 0x20 && c < 0x7F && c != '#'; }
// '/' for a client of the unix socket that names the socket's path.
bool is_host_char(char c) { return is_alnum(c) || (c != 0 && std::strchr(".-:_[]%/", c)); }

template <class Test>
constexpr std::array<bool, 256> table_of(Test test) {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = test(static_cast<char>(i));
  return table;
}

const std::array<bool, 256> kToken = table_of(is_token_char);
const std::array<bool, 256> kValue = table_of(is_value_char);

bool all(const std::array<bool, 256>& table, std::string_view text) {
  for (const char c : text) {
    if (!table[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

bool escapes_are_sound(std::string_view target) {
  return target.find('%') == std::string_view::npos || percent_decode(target).has_value();
}

constexpr std::array kMethods{"GET"sv, "HEAD"sv, "POST"sv, "PUT"sv, "DELETE"sv};

}  // namespace

std::optional<Target> split_target(std::string_view target) {
  Target out;
  constexpr std::string_view scheme = "http://";
  if (iequals(target.substr(0, scheme.size()), scheme)) {
    target.remove_prefix(scheme.size());
    out.authority = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(out.authority.size());
    if (out.authority.empty()) return std::nullopt;
  } else if (target.empty() || target.front() != '/') {
    return std::nullopt;
  }
  out.path = target.substr(0, target.find('?'));
  out.query = target.substr(std::min(target.size(), out.path.size() + 1));
  if (out.path.empty()) out.path = "/";
  return out;
}

// The headers whose repetition or value decides how a request is framed or trusted.
struct HeadScan::Known {
  std::string_view name;
  unsigned bit;
};

const HeadScan::Known* HeadScan::find_known(std::string_view name) {
  static constexpr std::array<Known, 13> known{{
      {"host", host},
      {"content-length", content_length_header},
      {"transfer-encoding", transfer_encoding},
      {"upgrade", upgrade},
      {"http2-settings", upgrade},
      {"expect", expect},
      {"content-type", other_single},
      {"authorization", other_single << 1},
      {"origin", other_single << 2},
      {"referer", other_single << 3},
      {"sec-fetch-site", other_single << 4},
      {"x-fleet-token", other_single << 5},
      {"idempotency-key", other_single << 6},
  }};
  for (const Known& row : known) {
    if (row.name.size() == name.size() && iequals(row.name, name)) return &row;
  }
  return nullptr;
}

HeadScan::State HeadScan::advance(std::string_view input) {
  input_ = input;
  if (lines_ == 0 && !input.empty() && !kToken[static_cast<unsigned char>(input.front())]) {
    return broken("the request does not start with a method; this port speaks plain HTTP/1.1");
  }
  while (true) {
    const std::size_t end = input.find('\n', std::max(searched_, line_start_));
    const bool whole = end != std::string_view::npos;
    const std::string_view line = input.substr(line_start_, whole ? end - line_start_ : end);
    const std::size_t limit = lines_ == 0 ? limits_->request_line : limits_->header_line;
    // Length first: the answer must not depend on how much of a line has come.
    if (line.size() > limit + 1) return too_long();
    if (!whole) {
      searched_ = input.size();
      return State::more;
    }
    if (line.empty() || line.back() != '\r') return broken("a line ends in LF without CR");
    const State state = read_line(line.substr(0, line.size() - 1));
    if (state == State::refused) return state;
    line_start_ = end + 1;
    ++lines_;
    if (state == State::complete) return finish();
  }
}

HeadScan::State HeadScan::read_line(std::string_view line) {
  if (lines_ == 0) return read_request_line(line);
  if (line.empty()) return State::complete;
  return read_field(line);
}

HeadScan::State HeadScan::read_request_line(std::string_view line) {
  method_size_ = std::min(line.find(' '), line.size());
  const std::string_view method = line.substr(0, method_size_);
  if (method.empty() || method.size() > 32 || !all(kToken, method)) {
    return broken("the request line must read: METHOD /path HTTP/1.1");
  }
  const std::size_t last = line.rfind(' ');
  if (last == std::string_view::npos || last <= method_size_) {
    return broken("the request line must read: METHOD /path HTTP/1.1");
  }
  target_at_ = line_start_ + method_size_ + 1;
  target_size_ = last - method_size_ - 1;
  const std::string_view target = line.substr(method_size_ + 1, target_size_);
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_char)) {
    return broken("the request target holds a byte that belongs percent-encoded");
  }
  if (!escapes_are_sound(target)) return broken("the request target holds a broken % escape");
  const std::string_view version = line.substr(last + 1);
  http_1_0_ = version == "HTTP/1.0";
  if (http_1_0_ || version == "HTTP/1.1") return State::more;
  if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5])) {
    return refuse_with(505, "http_version", "this port speaks HTTP/1.1 and HTTP/1.0");
  }
  return broken("the request line must end in HTTP/1.1");
}

HeadScan::State HeadScan::read_field(std::string_view line) {
  if (++fields_ > limits_->headers) {
    return refuse_with(431, "headers_too_large",
                       "more than " + std::to_string(limits_->headers) + " header lines");
  }
  if (line.front() == ' ' || line.front() == '\t') {
    return broken("a header continues on the next line; send it in one line");
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !all(kToken, name)) {
    return broken("a header line must read: Name: value");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!all(kValue, value)) return broken("a header value holds a control character");
  const Known* known = find_known(name);
  return known ? read_known(*known, value) : State::more;
}

HeadScan::State HeadScan::read_known(const Known& known, std::string_view value) {
  if (seen_ & known.bit) return broken("the header " + std::string(known.name) + " stands twice");
  seen_ |= known.bit;
  switch (known.bit) {
    case host: {
      if (value.empty() || !std::all_of(value.begin(), value.end(), is_host_char)) {
        return broken("Host must be a name or an address, with or without a port");
      }
      host_at_ = static_cast<std::size_t>(value.data() - input_.data());
      host_size_ = value.size();
      return State::more;
    }
    case content_length_header:
      return read_length(value);
    case transfer_encoding:
      return read_coding(value);
    case upgrade:
      return refuse_with(400, "upgrade", "this port does not switch protocols; send HTTP/1.1");
    case expect:
      if (!iequals(value, "100-continue")) {
        return refuse_with(417, "expectation_failed", "the only expectation met is 100-continue");
      }
      expects_continue_ = true;
      return State::more;
    default:
      return State::more;
  }
}

HeadScan::State HeadScan::read_length(std::string_view value) {
  // 18 digits always fit; a longer spelling is either too large or padded to confuse.
  if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit)) {
    return broken("Content-Length must be one decimal number");
  }
  std::uint64_t length = 0;
  for (const char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
  content_length_ = length;
  return State::more;
}

HeadScan::State HeadScan::read_coding(std::string_view value) {
  if (!iequals(value, "chunked")) return broken("the only transfer coding understood is chunked");
  chunked_ = true;
  return State::more;
}

HeadScan::State HeadScan::finish() {
  if (!(seen_ & host)) return broken("exactly one Host header is needed");
  if (chunked_ && content_length_) {
    return broken("Content-Length and Transfer-Encoding exclude each other");
  }
  if (chunked_ && http_1_0_) return broken("HTTP/1.0 knows no Transfer-Encoding");
  const std::string_view method = input_.substr(0, method_size_);
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return refuse_with(405, "method_not_allowed", "use GET, HEAD, POST, PUT or DELETE");
  }
  const auto target = split_target(input_.substr(target_at_, target_size_));
  if (!target) return broken("the request target must be a path that starts with /");
  if (!target->authority.empty() &&
      !iequals(target->authority, input_.substr(host_at_, host_size_))) {
    return broken("the request target names another authority than Host");
  }
  if (content_length_.value_or(0) > limits_->body) {
    return refuse_with(413, "too_large",
                       "the body may have " + std::to_string(limits_->body) + " bytes");
  }
  return State::complete;
}

HeadScan::State HeadScan::too_long() {
  if (lines_ == 0) {
    return refuse_with(
        414, "uri_too_long",
        "the request line may have " + std::to_string(limits_->request_line) + " bytes");
  }
  return refuse_with(431, "headers_too_large",
                     "a header line may have " + std::to_string(limits_->header_line) + " bytes");
}

HeadScan::State HeadScan::broken(std::string message) {
  return refuse_with(400, "", std::move(message));
}

HeadScan::State HeadScan::refuse_with(int status, std::string_view name, std::string message) {
  const Code code = status == 413 ? Code::too_large : Code::malformed;
  refusal_ = Refusal{status, refuse(code, std::string(name), std::move(message))};
  return State::refused;
}

}  // namespace fleet::http
