// Help texts, made from the commands. Every command's help ends with an example.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "faces/cli/command.h"

namespace fleet::cli {

std::string program_help(const std::deque<Command>& commands, const std::vector<Option>& globals);
std::string command_help(const Command& command, const std::vector<Option>& globals);
std::string usage_line(const Command& command);

}  // namespace fleet::cli
