// One HTTP request as a handler sees it: already scanned, parsed and within every limit. It knows
// no operation and no authentication. Pure: the fuzzer compiles it without asio.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleet/base/result.h"

namespace fleet::http {

// The listener that a request came in on. It decides the rules, never the peer's address: what
// arrives on a remote listener is remote even from 127.0.0.1.
enum class Entry { local, remote, relay, unix_socket };

std::string_view to_string(Entry entry);

struct Request {
  Entry entry = Entry::remote;
  std::string method;  // "GET" also for HEAD: see head_only
  std::string target;  // as on the wire
  std::string path;    // still percent-encoded: split it, then percent_decode() the pieces
  std::string query;   // after the '?', still encoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string peer_address;
  std::uint16_t peer_port = 0;
  std::uint16_t local_port = 0;
  bool same_uid = false;  // the client's process runs as our user (local TCP and unix socket only)
  bool head_only = false;
  bool http_1_0 = false;

  // The first value of a header (lower-case name); empty where it is absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  // The first value of a query parameter, decoded.
  std::optional<std::string> query_value(std::string_view name) const;

  // Bytes that would have changed something: everything but GET and HEAD.
  bool changes() const { return method != "GET"; }
};

// Why a request is turned away before any handler decides: an exact status (the parser knows more
// of them than Code does) and what the client reads.
struct Refusal {
  int status = 400;
  Error error;
};

// %41 → A. nullopt where an escape is broken or decodes to NUL; '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);
// The same for one query name or value, where '+' is a space.
std::optional<std::string> query_decode(std::string_view text);

bool iequals(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);  // spaces and tabs

}  // namespace fleet::http
