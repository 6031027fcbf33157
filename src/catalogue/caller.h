// Caller: who asks. A face makes it from what the transport proves, never from what a request says
// of itself; handlers only read it.
#pragma once

#include <string>

#include "fleet/model/ids.h"

namespace fleet::catalogue {

struct Caller {
  enum class Kind {
    local,    // this user on this machine: curl, the CLI, the dashboard
    peer,     // a node of the fleet that signed its request
    session,  // an AI session of this user, over MCP or a hook
    tty,      // a person at a terminal, over the unix socket
  };
  Kind kind = Kind::local;
  NodeId node{};                  // peer only: who signed
  std::string session{};          // session id where one is known
  std::string idempotency_key{};  // a repeated call with it returns the first answer
};

}  // namespace fleet::catalogue
