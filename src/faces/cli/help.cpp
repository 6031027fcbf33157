#include "faces/cli/help.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace fleet::cli {
namespace {

constexpr std::size_t kNameColumn = 26;
constexpr std::size_t kWidth = 100;
constexpr const char* kOtherGroup = "More";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// "  name      text, wrapped and indented"
std::string row(const std::string& name, const std::string& text) {
  std::string out = "  " + name;
  out += out.size() + 1 < kNameColumn ? std::string(kNameColumn - out.size(), ' ')
                                      : "\n" + std::string(kNameColumn, ' ');
  std::size_t column = kNameColumn;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (column + (end - at) > kWidth && column > kNameColumn) {
      out += "\n" + std::string(kNameColumn, ' ');
      column = kNameColumn;
    }
    out += (column > kNameColumn ? " " : "") + text.substr(at, end - at);
    column += end - at + 1;
    at = end + 1;
  }
  return out + "\n";
}

std::string shown(const Option& option) {
  if (option.positional) return upper(option.name);
  return "--" + option.name + (option.value.empty() ? "" : " " + option.value);
}

// The first sentence is enough in a list.
std::string first_sentence(const std::string& text) {
  const std::size_t end = text.find(". ");
  return end == text.npos ? text : text.substr(0, end + 1);
}

std::string options_text(const std::vector<Option>& options, bool positional,
                         const std::string& heading) {
  std::string text;
  for (const Option& option : options) {
    if (option.positional == positional) text += row(shown(option), option.doc);
  }
  return text.empty() ? "" : "\n" + heading + "\n" + text;
}

std::vector<std::string> groups_of(const std::deque<Command>& commands) {
  std::vector<std::string> groups;
  for (const Command& command : commands) {
    const bool known = std::find(groups.begin(), groups.end(), command.group) != groups.end();
    if (!known && !command.group.empty()) groups.push_back(command.group);
  }
  groups.emplace_back();
  return groups;
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string text = "fleet-nerve " + command.words;
  bool more = false;
  for (const Option& option : command.options) {
    if (option.positional) {
      const std::string name = upper(option.name) + (option.repeated ? "…" : "");
      text += option.required ? " " + name : " [" + name + "]";
    } else if (option.required) {
      text += " " + shown(option);
    } else {
      more = true;
    }
  }
  return more ? text + " [options]" : text;
}

std::string command_help(const Command& command, const std::vector<Option>& globals) {
  std::string text = "Usage: " + usage_line(command) + "\n\n" + command.summary + "\n";
  text += options_text(command.options, true, "Arguments:");
  text += options_text(command.options, false, "Options:");
  text += options_text(globals, false, "With every command:");
  if (!command.example.empty()) text += "\nExample:\n  fleet-nerve " + command.example + "\n";
  return text;
}

std::string program_help(const std::deque<Command>& commands, const std::vector<Option>& globals) {
  std::string text = "Usage: fleet-nerve COMMAND [arguments] [options]\n";
  for (const std::string& group : groups_of(commands)) {
    std::string rows;
    for (const Command& command : commands) {
      if (command.hidden || command.group != group) continue;
      rows += row(command.words, first_sentence(command.summary));
    }
    if (!rows.empty()) text += "\n" + (group.empty() ? kOtherGroup : group) + ":\n" + rows;
  }
  text += options_text(globals, false, "With every command:");
  return text + "\nfleet-nerve COMMAND --help shows a command with an example.\n";
}

}  // namespace fleet::cli
