// Gates: conditions of the node, not of the caller, that an operation must pass before it runs
// ("paused", "panic"). An operation names its gate; the app plugs in who decides. A gate never
// looks at the request's fields: that is the service's business.
#pragma once

#include "fleet/base/result.h"

namespace fleet::catalogue {

struct Caller;
struct OperationSpec;

enum class Gate {
  none,
  send,    // puts a message on the way
  work,    // starts or accepts work
  repair,  // changes the node's own condition
};

class GateKeeper {
 public:
  virtual ~GateKeeper() = default;
  virtual Result<void> pass(const OperationSpec& operation, const Caller& caller) = 0;
};

}  // namespace fleet::catalogue
