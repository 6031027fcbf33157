#include "io/hard_deadline.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

namespace fleet::io {
namespace {

void end_now(int) { ::_exit(0); }

void set_alarm(Millis span) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(span.count() / 1000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(span.count() % 1000 * 1000);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

void end_process_after(Millis span) {
  std::signal(SIGALRM, end_now);
  set_alarm(span);
}

void cancel_process_end() { set_alarm(Millis{0}); }

}  // namespace fleet::io
