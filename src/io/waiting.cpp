#include "io/waiting.h"

#include <ctime>

namespace fleet::io {

bool pause(Millis span) {
  const timespec wanted{span.count() / 1000, (span.count() % 1000) * 1'000'000};
  return ::nanosleep(&wanted, nullptr) == 0;
}

}  // namespace fleet::io
