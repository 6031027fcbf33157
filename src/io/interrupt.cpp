#include "io/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace fleet::io {
namespace {

volatile std::sig_atomic_t seen = 0;

void remember(int) { seen = 1; }

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = remember;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    ::sigaction(number, &action, nullptr);
  }
}

bool interrupted() { return seen != 0; }

}  // namespace fleet::io
