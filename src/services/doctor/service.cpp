#include "services/doctor/service.h"

#include <exception>

namespace fleet::doctor {
namespace {

Finding result_of(const Check& check) {
  try {
    return check();
  } catch (const std::exception& fault) {
    return {"doctor", "A check could be made", false, fault.what(),
            "see the daemon's log; the other checks are not affected"};
  }
}

}  // namespace

void DoctorService::describe(catalogue::Catalogue& c) {
  c.add(
      {.name = "fleet_doctor",
       .summary = "Check this node: store, clocks, roads, keys, disk. Each finding says what is "
                  "wrong and what to do.",
       .http = {"GET", "/doctor"},
       .cli = {.command = "doctor",
               .example = "doctor",
               .group = "Fleet",
               .columns = {"ok", "title", "detail", "remedy"}},
       .hints = {.read_only = true, .idempotent = true},
       .exit_status = [](const nlohmann::json& reply) { return reply.value("ok", false) ? 0 : 1; }},
      &DoctorService::report);
}

DoctorReply DoctorService::examine() const {
  DoctorReply reply;
  for (const Check& check : checks_) {
    reply.checks.push_back(result_of(check));
    reply.ok = reply.ok && reply.checks.back().ok;
  }
  return reply;
}

Task<Result<DoctorReply>> DoctorService::report(catalogue::Nothing, catalogue::Caller) {
  co_return examine();
}

}  // namespace fleet::doctor
