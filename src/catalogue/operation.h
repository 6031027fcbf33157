// OperationSpec: everything that is said once about one thing a node offers. HTTP, MCP, CLI and the
// docs are renderings of it; none of them knows an operation by name.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "catalogue/gate.h"

namespace fleet::catalogue {

enum class Access {
  local,  // this user on this machine (local, session, tty callers)
  peer,   // those, and signed nodes of the fleet
  trust,  // a person at a terminal over the unix socket, nobody else
};

// {"GET", "/message/{id}"}: a {name} in the path is the request's field of that name.
struct HttpRoute {
  std::string method{};
  std::string path{};
};

struct CliShape {
  std::string command{};                  // "send", "lease request"; empty = no command of its own
  std::vector<std::string> positional{};  // fields given by place, in order; body "-" reads stdin
  std::string example{};                  // "send mac2 'hello' --until stored"
  std::string group{};                    // heading in the top-level help: "Messages"
  std::vector<std::string> columns{};     // columns of the first list of the reply; empty = all
  std::vector<std::string> renamed{};     // "idempotency_key=key": field=option where they differ
};

struct Hints {
  bool read_only = false;
  bool idempotent = false;
  bool destructive = false;
  bool slow = false;      // may take seconds: clients are shown progress
  bool internal = false;  // asked by our own programs only: no tool, no command, not in the docs
};

// For `--follow` and SSE: ask again with `after` = the cursor of the last reply, waiting up to
// `wait` seconds at the server. Without such a cursor in the reply the last item's "id" is taken.
struct Follow {
  std::string list{};    // the reply's list: "events"; empty = the operation does not follow
  std::string cursor{};  // the reply's field that continues: "cursor"
  std::string after = "after";
  std::string wait = "wait_s";
  bool sse = false;  // GET with Accept: text/event-stream is served from the EventStream
};

struct OperationSpec {
  std::string name;     // "fleet_send": [a-z0-9_], at most 30 characters
  std::string summary;  // one or two sentences; shown to people and to models
  HttpRoute http{};
  Access access = Access::local;
  Gate gate = Gate::none;
  CliShape cli{};
  Hints hints{};
  Follow follow{};
  // An MCP resource that reads this operation: "fleet://inbox", or "fleet://message/{id}" with a
  // {name} for a field. Only for what changes nothing.
  std::string resource{};
  // HTTP status of a success where it is not always 200: a capture-less lambda over the reply.
  int (*http_status)(const nlohmann::json& reply) = nullptr;
  // Exit status of the CLI where a success is not always 0 (sent, but not reached).
  int (*exit_status)(const nlohmann::json& reply) = nullptr;
};

}  // namespace fleet::catalogue
