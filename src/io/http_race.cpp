#include "io/http_race.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0  // macOS: SO_NOSIGPIPE is set on the socket
#endif

namespace fleet::io {

HttpRace::Outcome HttpRace::run(const std::vector<std::string>& addresses) {
  // A name may wait for a name server: what needs none goes first.
  for (const std::string& address : addresses) {
    if (is_literal(address)) waiting_.push_back({address});
  }
  for (const std::string& address : addresses) {
    if (!is_literal(address)) waiting_.push_back({address});
  }
  if (waiting_.empty()) return {HttpFailure::unreachable, OwnedFd(), ""};
  Outcome outcome;
  while (true) {
    const bool due = runners_.empty() || std::chrono::steady_clock::now() >= next_start_;
    if (due && !waiting_.empty() && !committed()) start_next();
    if (runners_.empty() && (waiting_.empty() || committed())) break;
    if (runners_.empty()) continue;
    if (!wait()) return {HttpFailure::timeout, OwnedFd(), runners_.front().address};
    if (advance_all(outcome)) return outcome;
  }
  return std::move(first_failure_);
}

// A request that may not be repeated goes out once, whatever comes of it.
bool HttpRace::committed() const { return !rules_.repeatable && sent_once_; }

void HttpRace::start_next() {
  next_start_ = std::chrono::steady_clock::now() + kHappyEyeballsDelay;
  Candidate candidate = std::move(waiting_.front());
  waiting_.pop_front();
  if (rules_.repeatable && candidate.may_reuse && candidate.endpoints.empty()) {
    OwnedFd kept = idle_.take(candidate.address);
    if (kept) return start_reused(candidate.address, std::move(kept));
  }
  start_fresh(std::move(candidate));
}

void HttpRace::start_reused(const std::string& address, OwnedFd fd) {
  Runner runner{address, std::move(fd), Stage::sending, true};
  runner.bytes = rules_.bytes_for(address);
  runners_.push_back(std::move(runner));
}

void HttpRace::start_fresh(Candidate candidate) {
  if (candidate.endpoints.empty()) {
    Resolved resolved = resolve(candidate.address);
    if (resolved.endpoints.empty()) return note(candidate.address, resolved.failure);
    candidate.endpoints = std::move(resolved.endpoints);
  }
  const Endpoint endpoint = candidate.endpoints.front();
  candidate.endpoints.erase(candidate.endpoints.begin());
  const std::string address = candidate.address;
  if (!candidate.endpoints.empty()) waiting_.push_front(std::move(candidate));
  int error = 0;
  OwnedFd fd = start_connect(endpoint, error);
  if (!fd) return note(address, failure_of(error));
  runners_.push_back({address, std::move(fd)});
}

bool HttpRace::wait() {
  const bool more = !waiting_.empty() && !committed();
  const SteadyTime until = more ? std::min(next_start_, rules_.deadline) : rules_.deadline;
  std::vector<pollfd> polled;
  for (const Runner& runner : runners_) {
    const short writing = runner.stage == Stage::listening ? 0 : POLLOUT;
    const short reading = runner.stage == Stage::connecting ? 0 : POLLIN;
    polled.push_back({runner.fd.get(), static_cast<short>(writing | reading), 0});
  }
  const int ready = ::poll(polled.data(), static_cast<nfds_t>(polled.size()), poll_budget(until));
  events_.clear();
  for (const pollfd& one : polled) events_.push_back(ready > 0 ? one.revents : short{0});
  return ready > 0 || std::chrono::steady_clock::now() < rules_.deadline;
}

bool HttpRace::advance_all(Outcome& outcome) {
  auto event = events_.begin();
  for (auto runner = runners_.begin(); runner != runners_.end(); ++event) {
    const Step step = *event == 0 ? Step::going : advance(*runner, *event);
    if (step == Step::answered) {
      outcome = {HttpFailure::none, std::move(runner->fd), runner->address};
      return true;
    }
    runner = step == Step::failed ? runners_.erase(runner) : std::next(runner);
  }
  return false;
}

HttpRace::Step HttpRace::advance(Runner& runner, short events) {
  if (runner.stage == Stage::connecting) return connected(runner);
  // A refusal may come before the whole body is out.
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) {
    const Step step = listen(runner);
    if (step != Step::going) return step;
  }
  if (runner.stage == Stage::sending && (events & POLLOUT) != 0) return write(runner);
  return Step::going;
}

HttpRace::Step HttpRace::connected(Runner& runner) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(runner.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail(runner, failure_of(error));
  if (committed()) return Step::failed;
  runner.stage = Stage::sending;
  runner.bytes = rules_.bytes_for(runner.address);
  return write(runner);
}

HttpRace::Step HttpRace::write(Runner& runner) {
  sent_once_ = true;
  while (runner.sent < runner.bytes.size()) {
    const char* rest = runner.bytes.data() + runner.sent;
    const std::size_t size = runner.bytes.size() - runner.sent;
    const ssize_t put = ::send(runner.fd.get(), rest, size, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::going;
    if (put < 0) {
      const HttpFailure failure = failure_of(errno);
      const Step said = listen(runner);  // before it closed, which may still wait to be read
      return said == Step::going ? fail(runner, failure) : said;
    }
    runner.sent += static_cast<std::size_t>(put);
  }
  runner.stage = Stage::listening;
  return Step::going;
}

HttpRace::Step HttpRace::listen(Runner& runner) {
  char byte = 0;
  const ssize_t got = ::recv(runner.fd.get(), &byte, 1, MSG_PEEK);
  if (got > 0) return Step::answered;
  if (got == 0) return fail(runner, HttpFailure::closed);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Step::going;
  return fail(runner, failure_of(errno));
}

HttpRace::Step HttpRace::fail(Runner& runner, HttpFailure failure) {
  next_start_ = std::chrono::steady_clock::now();
  if (runner.reused) {
    // The peer closed a kept connection: that says nothing about the peer.
    waiting_.push_front({runner.address, {}, false});
  } else {
    if (committed()) first_failure_.failure = HttpFailure::none;  // this one had our request
    note(runner.address, failure);
  }
  return Step::failed;
}

void HttpRace::note(const std::string& address, HttpFailure failure) {
  next_start_ = std::chrono::steady_clock::now();
  if (first_failure_.failure != HttpFailure::none) return;
  first_failure_.failure = failure;
  first_failure_.address = address;
}

}  // namespace fleet::io
