// Dispatcher: runs one operation for one caller. Faces take a Dispatcher& and cannot tell whether
// the handler runs here (LocalDispatcher) or at the daemon (RemoteDispatcher). Permission is
// checked here once, before any handler; a handler's exception becomes Code::unavailable here, and
// is logged.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/gate.h"
#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::catalogue {

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  virtual Task<Reply> call(std::string operation, nlohmann::json args, Caller caller) = 0;
};

// May this caller use it? The refusal says why; one rule for every face.
Result<void> check_access(const OperationSpec& operation, const Caller& caller);

class LocalDispatcher final : public Dispatcher {
 public:
  // Told of every exception that escaped a handler: the operation's name and what() only.
  using FaultHook = std::function<void(std::string_view operation, std::string_view what)>;

  explicit LocalDispatcher(const Catalogue& catalogue, GateKeeper* gates = nullptr,
                           FaultHook on_fault = {});
  Task<Reply> call(std::string operation, nlohmann::json args, Caller caller) override;

 private:
  Result<const Operation*> admit(std::string_view name, const Caller& caller) const;

  const Catalogue& catalogue_;
  GateKeeper* gates_;
  FaultHook on_fault_;
};

}  // namespace fleet::catalogue
