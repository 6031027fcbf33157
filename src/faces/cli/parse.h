// The command line, taken apart by the commands' own description. The one place that knows CLI11.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "faces/cli/command.h"

namespace fleet::cli {

struct ParsedLine {
  enum class Outcome { run, help, version, wrong };
  Outcome outcome = Outcome::wrong;
  const Command* command = nullptr;  // null with help: the whole program's
  Values values{};                   // globals too
  std::string problem{};             // wrong only; may hold what was typed
};

// `globals` may stand before or after the command. `words` are without the program's name.
ParsedLine parse_line(const std::deque<Command>& commands, const std::vector<Option>& globals,
                      const std::vector<std::string>& words);

}  // namespace fleet::cli
