#include "channels/verdict.h"

#include <algorithm>
#include <string>

namespace fleet::channels {
namespace {

constexpr Millis kRetryDefault{1'000};
constexpr Millis kRetryMost{300'000};
constexpr Millis kRetryMostUnproved{5'000};  // a stranger's word shall not hold mail back for long

Outcome back_pressure(int status, bool proved, Millis retry_after) {
  const Millis most = proved ? kRetryMost : kRetryMostUnproved;
  const Millis asked = retry_after > Millis{0} ? retry_after : kRetryDefault;
  return {OutcomeKind::back_pressure, "status " + std::to_string(status), std::min(asked, most)};
}

Outcome fault(std::string detail) { return {OutcomeKind::fault, std::move(detail), Millis{0}}; }

}  // namespace

Outcome outcome_of(int status, bool proved, Millis retry_after) {
  if (status == 429 || status == 503 || status == 507) {
    return back_pressure(status, proved, retry_after);
  }
  if (status == 401) return fault("the peer does not accept our proof (401)");
  const std::string text = "status " + std::to_string(status);
  if (!proved) return fault(text + " without the peer's proof");
  if (status == 200) return {OutcomeKind::receipted, "", Millis{0}};
  if (status == 409 || status == 413 || status == 422) {
    return {OutcomeKind::rejected, text, Millis{0}};
  }
  return fault(text);
}

}  // namespace fleet::channels
