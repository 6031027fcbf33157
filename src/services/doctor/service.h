// Asks every registered check and reports what each found. It knows no check: the composition root
// and the slices add them.
#pragma once

#include <vector>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "services/doctor/checks.h"  // IWYU pragma: export
#include "services/doctor/types.h"

namespace fleet::doctor {

class DoctorService {
 public:
  static void describe(catalogue::Catalogue& catalogue);

  void add(Check check) { checks_.push_back(std::move(check)); }
  // A check that throws is itself a finding.
  DoctorReply examine() const;
  Task<Result<DoctorReply>> report(catalogue::Nothing request, catalogue::Caller caller);

 private:
  std::vector<Check> checks_{};
};

}  // namespace fleet::doctor
