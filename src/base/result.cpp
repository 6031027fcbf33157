#include "fleet/base/result.h"

#include <array>

namespace fleet {
namespace {

struct Row {
  Code code;
  std::string_view name;
  int http;
  int jsonrpc;
  int exit;
};

// One table for every face. JSON-RPC: -32602 is "invalid params"; -32000… are the server's own.
constexpr std::array<Row, 12> kRows{{
    {Code::malformed, "malformed", 400, -32700, 1},
    {Code::unauthenticated, "unauthenticated", 401, -32001, 1},
    {Code::forbidden, "forbidden", 403, -32002, 1},
    {Code::not_found, "not_found", 404, -32003, 1},
    {Code::conflict, "conflict", 409, -32004, 1},
    {Code::too_large, "too_large", 413, -32005, 1},
    {Code::invalid, "invalid", 422, -32602, 2},
    {Code::limited, "limited", 429, -32006, 1},
    {Code::unavailable, "unavailable", 503, -32007, 1},
    {Code::full, "full", 507, -32008, 1},
    {Code::timed_out, "timed_out", 504, -32009, 1},
    {Code::config, "config", 500, -32010, 78},
}};

const Row& row(Code code) { return kRows.at(static_cast<std::size_t>(code)); }

}  // namespace

std::string_view to_string(Code code) { return row(code).name; }
int http_status(Code code) { return row(code).http; }
int jsonrpc_code(Code code) { return row(code).jsonrpc; }
int exit_status(Code code) { return row(code).exit; }

}  // namespace fleet
