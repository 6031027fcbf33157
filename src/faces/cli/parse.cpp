#include "faces/cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "faces/cli/suggest.h"

namespace fleet::cli {
namespace {

// The values of one option, filled by CLI11.
struct Slot {
  const Option* option;
  CLI::Option* handle;
  std::vector<std::string> words{};  // one element, never resized, where it is not repeated
  bool flag = false;
};

class Tree {
 public:
  Tree(const std::deque<Command>& commands, const std::vector<Option>& globals) {
    root_.set_help_flag("-h,--help");
    root_.fallthrough(false);
    for (const Option& option : globals) global_slots_.push_back(add(root_, option));
    root_.add_flag("--version", version_);
    for (const Command& command : commands) add(command);
  }

  ParsedLine parse(const std::vector<std::string>& words) {
    ParsedLine out;
    try {
      std::vector<std::string> reversed(words.rbegin(), words.rend());
      root_.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
      out.outcome = ParsedLine::Outcome::help;
    } catch (const CLI::ParseError& error) {
      out.problem = error.what();
    }
    finish(out);
    return out;
  }

 private:
  using SlotPtr = std::unique_ptr<Slot>;

  static SlotPtr add(CLI::App& app, const Option& option) {
    auto slot = std::make_unique<Slot>(Slot{&option, nullptr});
    const std::string name = (option.positional ? "" : "--") + option.name;
    if (option.value.empty()) {
      slot->handle = app.add_flag(name, slot->flag);
    } else if (option.repeated) {
      slot->handle = app.add_option(name, slot->words);
      // An option in front of a positional word must not swallow it.
      slot->handle->allow_extra_args(option.positional);
      if (!option.positional) slot->handle->expected(1)->take_all();
    } else {
      slot->words.resize(1);
      slot->handle = app.add_option(name, slot->words.front());
    }
    if (option.required) slot->handle->required();
    return slot;
  }

  CLI::App& app_for(const std::string& words) {
    if (words.empty()) return root_;
    const auto known = apps_.find(words);
    if (known != apps_.end()) return *known->second;
    const std::size_t space = words.rfind(' ');
    const std::string outer = space == words.npos ? "" : words.substr(0, space);
    CLI::App* app = app_for(outer).add_subcommand(words.substr(space + 1));
    app->set_help_flag("-h,--help");
    app->fallthrough();
    apps_[words] = app;
    return *app;
  }

  void add(const Command& command) {
    CLI::App& app = app_for(command.words);
    Leaf& leaf = leaves_[&app];
    leaf.command = &command;
    for (const Option& option : command.options) leaf.slots.push_back(add(app, option));
  }

  // The innermost command that was typed.
  CLI::App* chosen() {
    CLI::App* app = &root_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
  }

  static void take(const std::vector<SlotPtr>& slots, Values& values) {
    for (const SlotPtr& slot : slots) {
      if (slot->handle->count() == 0) continue;
      std::vector<std::string>& words = values.by_name[slot->option->name];
      words = slot->words;
      const bool denied = slot->option->value.empty() && !slot->flag;  // --flag=false
      if (denied) words.emplace_back("false");
    }
  }

  void finish(ParsedLine& out) {
    CLI::App* app = chosen();
    take(global_slots_, out.values);
    const auto leaf = leaves_.find(app);
    if (leaf != leaves_.end()) {
      out.command = leaf->second.command;
      take(leaf->second.slots, out.values);
    }
    if (!out.problem.empty() || out.outcome == ParsedLine::Outcome::help) return;
    if (version_) {
      out.outcome = ParsedLine::Outcome::version;
    } else if (out.command != nullptr) {
      out.outcome = ParsedLine::Outcome::run;
    } else if (app == &root_) {
      out.outcome = ParsedLine::Outcome::help;
    } else {
      out.problem = app->get_name() + " needs one more word:" + words_below(*app);
    }
  }

  static std::string words_below(CLI::App& app) {
    std::string text;
    for (CLI::App* inner : app.get_subcommands([](CLI::App*) { return true; })) {
      text += " " + inner->get_name();
    }
    return text;
  }

  struct Leaf {
    const Command* command = nullptr;
    std::vector<SlotPtr> slots{};
  };
  CLI::App root_{"", "fleet-nerve"};
  std::vector<SlotPtr> global_slots_{};
  std::map<std::string, CLI::App*> apps_{};
  std::map<CLI::App*, Leaf> leaves_{};
  bool version_ = false;
};

std::string first_word(const std::string& words) { return words.substr(0, words.find(' ')); }

// The first word that is no option must be a command; globals with a value are skipped.
std::string wrong_command(const std::deque<Command>& commands, const std::vector<Option>& globals,
                          const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const Command& command : commands) {
    if (!command.hidden) known.push_back(first_word(command.words));
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("-")) {
      const bool takes_value = std::any_of(globals.begin(), globals.end(), [&](const Option& o) {
        return words[i] == "--" + o.name && !o.value.empty();
      });
      if (takes_value) ++i;
      continue;
    }
    for (const Command& command : commands) {
      if (first_word(command.words) == words[i]) return "";
    }
    const std::string meant = nearest(words[i], known);
    return "there is no command '" + words[i].substr(0, 40) + "'" +
           (meant.empty() ? "; --help lists them" : "; did you mean '" + meant + "'?");
  }
  return "";
}

std::string wrong_option(const ParsedLine& line, const std::vector<std::string>& words) {
  if (line.command == nullptr) return "";
  std::vector<std::string> known;
  for (const Option& option : line.command->options) {
    if (!option.positional) known.push_back("--" + option.name);
  }
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || name == "--") continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    if (!meant.empty()) return "; did you mean '" + meant + "'?";
  }
  return "";
}

}  // namespace

ParsedLine parse_line(const std::deque<Command>& commands, const std::vector<Option>& globals,
                      const std::vector<std::string>& words) {
  ParsedLine line;
  line.problem = wrong_command(commands, globals, words);
  if (!line.problem.empty()) return line;
  line = Tree(commands, globals).parse(words);
  if (line.outcome == ParsedLine::Outcome::wrong) line.problem += wrong_option(line, words);
  return line;
}

}  // namespace fleet::cli
