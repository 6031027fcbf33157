// Cli: the program's command line. Operations of the catalogue become commands by themselves and
// are asked of the daemon; what the app does itself it registers with extra(). Human output, or the
// reply as JSON with --json. Exit status: 0 ok, 1 refused or not reached, 2 usage, 69 daemon not
// running, 78 configuration.
#pragma once

#include <deque>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/remote_dispatcher.h"
#include "faces/cli/command.h"
#include "fleet/base/time.h"

namespace fleet::cli {

inline constexpr int kOk = 0;
inline constexpr int kUsage = 2;
inline constexpr int kDaemonDown = 69;

// Refusals of a transport that found nobody carry this name.
inline constexpr const char* kDaemonDownName = "daemon_down";

// What the process stands in; the app reads it, tests invent it.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_tty = false;
  bool out_is_tty = false;
  bool no_color = false;  // NO_COLOR
  std::size_t width = 100;
  std::string version = "0.1.0";
  // Between two empty answers of something followed; false ends it.
  std::function<bool(Millis)> pause{};
};

class Cli {
 public:
  // Opened when the first operation is asked; `values` hold the global options.
  using Connect =
      std::function<std::unique_ptr<catalogue::OperationTransport>(const Values& values)>;

  // `caller` is what every request starts from (its session); the kind is found here.
  Cli(const catalogue::Catalogue& catalogue, Connect connect, Terminal terminal,
      catalogue::Caller caller = {});

  // An option of every command, e.g. ("home", "DIR", "…"). --json is there already.
  void global(std::string name, std::string value, std::string doc);
  // A command of the app's own; add its options on what is returned. It stands before the
  // operations' commands in the help.
  Command& extra(std::string words, std::string summary, Run run);

  // `words` without the program's name. Never throws but for faults of the app's own commands.
  int run(const std::vector<std::string>& words);

 private:
  int run_operation(const Command& command, const Values& values);
  int answer(const Command& command, const Values& values, const catalogue::Reply& reply);
  int refusal(const Error& error, bool as_json);
  int follow(catalogue::OperationTransport& transport, const Command& command, const Values& values,
             nlohmann::json args, const catalogue::Caller& caller);
  void show_items(const Command& command, const nlohmann::json& items, bool as_json);
  catalogue::Caller caller_for(const Command& command, const Values& values) const;
  std::string read_input();

  Connect connect_;
  Terminal terminal_;
  catalogue::Caller caller_;
  std::deque<Command> extras_{};
  std::deque<Command> operations_{};
  std::vector<Option> globals_{};
};

}  // namespace fleet::cli
