#include "catalogue/dispatcher.h"

#include <exception>
#include <utility>

namespace fleet::catalogue {
namespace {

Error no_such_operation(std::string_view name) {
  return refuse(Code::not_found, "unknown_operation",
                "there is no operation '" + std::string(name.substr(0, 64)) +
                    "'; `fleet-nerve --help` and GET /openapi.json list them");
}

Error forbidden_to(const OperationSpec& operation, const std::string& whom) {
  return refuse(Code::forbidden, "not_allowed", operation.name + " is " + whom);
}

}  // namespace

Result<void> check_access(const OperationSpec& operation, const Caller& caller) {
  switch (operation.access) {
    case Access::peer:
      return {};
    case Access::local:
      if (caller.kind != Caller::Kind::peer) return {};
      return forbidden_to(operation, "for this machine's user only, not for other nodes");
    case Access::trust:
      if (caller.kind == Caller::Kind::tty) return {};
      return forbidden_to(operation,
                          "for a person at a terminal of this machine only: run `fleet-nerve " +
                              operation.cli.command + "` there");
  }
  return forbidden_to(operation, "for nobody");
}

LocalDispatcher::LocalDispatcher(const Catalogue& catalogue, GateKeeper* gates, FaultHook on_fault)
    : catalogue_(catalogue), gates_(gates), on_fault_(std::move(on_fault)) {}

Result<const Operation*> LocalDispatcher::admit(std::string_view name, const Caller& caller) const {
  const Operation* operation = catalogue_.find(name);
  if (operation == nullptr) return no_such_operation(name);
  if (Result<void> access = check_access(operation->spec, caller); !access) return access.error();
  if (gates_ != nullptr && operation->spec.gate != Gate::none) {
    if (Result<void> gate = gates_->pass(operation->spec, caller); !gate) return gate.error();
  }
  if (catalogue_.service_of(*operation) != nullptr) return operation;
  return refuse(Code::unavailable, operation->spec.name + " is not running on this node");
}

Task<Reply> LocalDispatcher::call(std::string operation, nlohmann::json args, Caller caller) {
  Result<const Operation*> admitted = admit(operation, caller);
  if (!admitted) co_return admitted.error();
  const Operation& found = *admitted.value();
  void* service = catalogue_.service_of(found);
  std::string what;
  try {
    Reply reply = co_await found.run(service, std::move(args), std::move(caller));
    co_return reply;
  } catch (const std::exception& fault) {
    what = fault.what();
  }
  if (on_fault_) on_fault_(operation, what);
  co_return refuse(Code::unavailable, "internal",
                   operation + " failed inside the daemon; its log says why");
}

}  // namespace fleet::catalogue
