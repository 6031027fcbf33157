// `fleet-nerve hook EVENT`: what AI clients run at their events. Reads the client's JSON from
// stdin, asks the daemon, prints one JSON answer or nothing. It never fails: bad input, no daemon,
// any refusal are silence and status 0, because anything else disturbs the person's session. The
// prompt's text does not leave this process.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "catalogue/remote_dispatcher.h"

namespace fleet::hooks {

inline constexpr std::size_t kMaxInput = 1024 * 1024;

// Clients differ in names; this is what they mean.
struct Heard {
  std::string event{};   // session-start, user-prompt-submit, session-end
  std::string client{};  // claude, codex, gemini, cursor
  std::string name{};    // the client's own name of the event
  std::string session{}, transcript{}, cwd{}, prompt_id{}, source{};
  bool injected = false;  // the prompt is one of ours
};

// `event` and `client` as given on the command line; both may be empty. Nothing where no daemon
// need be asked.
std::optional<Heard> understand(std::string_view input, std::string event, std::string client);

// The answer in the client's own form.
std::string answer_for(const Heard& heard, const std::string& text);

struct HookCall {
  std::string event{};
  std::string client{};
  // The transport must answer or give up within the hook's budget.
  catalogue::OperationTransport& transport;
  std::istream& in;
  std::ostream& out;
};
// Returns the exit status, which is 0. `before_print` is called once the answer is there.
int run_hook(const HookCall& call, void (*before_print)() = nullptr);

}  // namespace fleet::hooks
