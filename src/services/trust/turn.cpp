#include "services/trust/turn.h"

namespace fleet::trust {

Task<void> Turns::take() {
  while (taken_) co_await free_.wait();
  taken_ = true;
}

void Turns::give_back() {
  taken_ = false;
  free_.notify();
}

}  // namespace fleet::trust
