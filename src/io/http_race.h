// Which of a peer's addresses answers first: sends one request to the best one, and to the next
// when that fails or is silent for 250 ms (RFC 8305's idea, taken to the first byte of the answer).
// It reads no HTTP. One thread, one poll loop. Internal to io/http_*.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "io/http_dial.h"

namespace fleet::io {

inline constexpr std::chrono::milliseconds kHappyEyeballsDelay{250};

class HttpRace {
 public:
  struct Rules {
    bool repeatable = false;
    SteadyTime deadline{};
    std::function<std::string(const std::string& address)> bytes_for{};  // the whole request
  };
  struct Outcome {
    HttpFailure failure = HttpFailure::none;
    OwnedFd fd{};           // the answer waits in it, unread
    std::string address{};  // that answers, or the first that failed
  };

  HttpRace(Rules rules, IdleSockets& idle) : rules_(std::move(rules)), idle_(idle) {}
  Outcome run(const std::vector<std::string>& addresses);

 private:
  struct Candidate {
    std::string address;
    std::vector<Endpoint> endpoints{};  // what is left of them; none: not yet resolved
    bool may_reuse = true;
  };
  enum class Stage { connecting, sending, listening };
  struct Runner {
    std::string address;
    OwnedFd fd;
    Stage stage = Stage::connecting;
    bool reused = false;
    std::string bytes{};
    std::size_t sent = 0;
  };
  enum class Step { going, answered, failed };

  bool committed() const;  // nobody further may start
  void start_next();
  void start_reused(const std::string& address, OwnedFd fd);
  void start_fresh(Candidate candidate);
  bool wait();  // false at the deadline
  Step advance(Runner& runner, short events);
  Step connected(Runner& runner);
  Step write(Runner& runner);
  Step listen(Runner& runner);
  Step fail(Runner& runner, HttpFailure failure);
  void note(const std::string& address, HttpFailure failure);
  bool advance_all(Outcome& outcome);

  Rules rules_;
  IdleSockets& idle_;
  std::deque<Candidate> waiting_;
  std::list<Runner> runners_;
  std::vector<short> events_;
  SteadyTime next_start_{};
  Outcome first_failure_;
  bool sent_once_ = false;
};

}  // namespace fleet::io
