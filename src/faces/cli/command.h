// Command: one line of `fleet-nerve --help`, whether it stands for an operation of the catalogue or
// for something the app does itself (serve, demo). Plain data, read by the parser, the help and the
// runner. It knows no option parser.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"

namespace fleet::cli {

struct Option {
  std::string name;  // "until", without dashes; positional ones too
  std::string doc;
  std::string value{};  // how help writes the value: "TEXT"; empty = a flag
  bool positional = false;
  bool required = false;
  bool repeated = false;
  std::string field{};  // of the operation's request
};

// What the person typed: every value by the option's name.
class Values {
 public:
  std::map<std::string, std::vector<std::string>> by_name{};

  bool has(const std::string& name) const { return by_name.contains(name); }
  std::optional<std::string> text(const std::string& name) const;
  std::vector<std::string> list(const std::string& name) const;
};

using Run = std::function<int(const Values& values)>;

struct Command {
  std::string words;  // "send", "lease request"
  std::string summary;
  std::string group{};
  std::string example{};  // without the program's name
  std::vector<Option> options{};
  bool hidden = false;  // called by programs, not by people
  const catalogue::Operation* operation = nullptr;
  Run run{};  // where there is no operation

  // For the app's own commands, one call per option.
  Command& flag(std::string name, std::string doc);
  Command& option(std::string name, std::string value, std::string doc);
  Command& argument(std::string name, std::string doc, bool required = true);
  Command& rest(std::string name, std::string doc);
  Command& in_group(std::string text);
  Command& with_example(std::string text);
  Command& hide();
};

// The command that an operation's spec asks for.
Command command_of(const catalogue::Operation& operation);
// The typed values as the operation's arguments; every fault is named. "-" as the last positional
// text is replaced by `standard_input()`.
Result<nlohmann::json> arguments_of(const Command& command, const Values& values,
                                    const std::function<std::string()>& standard_input);

}  // namespace fleet::cli
