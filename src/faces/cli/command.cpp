#include "faces/cli/command.h"

#include <algorithm>
#include <utility>

#include "faces/cli/suggest.h"

namespace fleet::cli {
namespace {

using catalogue::Field;
using catalogue::Kind;
using catalogue::Operation;
using nlohmann::json;

// "wait_s" is --wait, "idempotency_key=key" in the spec renames it to --key.
std::string option_name(const Operation& operation, const Field& field) {
  for (const std::string& pair : operation.spec.cli.renamed) {
    if (pair.starts_with(field.name + "=")) return pair.substr(field.name.size() + 1);
  }
  std::string name = field.name;
  if (field.shape.kind == Kind::integer || field.shape.kind == Kind::number) {
    if (name.ends_with("_s")) name.resize(name.size() - 2);
  }
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string value_word(const Field& field) {
  switch (field.shape.kind) {
    case Kind::boolean:
      return "";
    case Kind::integer:
      return field.name.ends_with("_s") ? "SECONDS" : "N";
    case Kind::number:
      return field.name.ends_with("_s") ? "SECONDS" : "NUMBER";
    case Kind::list:
      return "LIST";
    case Kind::object:
    case Kind::map:
    case Kind::any:
      return "JSON";
    case Kind::text:
      return "TEXT";
  }
  return "TEXT";
}

std::string choices_text(const Field& field) {
  std::string text;
  for (const std::string& choice : field.shape.choices) text += (text.empty() ? "" : "|") + choice;
  return text;
}

Option option_of(const Operation& operation, const Field& field) {
  Option option;
  option.field = field.name;
  option.name = option_name(operation, field);
  option.doc = field.doc;
  option.value = field.shape.choices.empty() ? value_word(field) : choices_text(field);
  option.required = field.required;
  option.repeated = field.shape.kind == Kind::list;
  if (!field.fallback.empty() && field.shape.kind != Kind::boolean) {
    option.doc += " (default " + field.fallback + ")";
  }
  return option;
}

bool is_positional(const Operation& operation, const std::string& field) {
  const auto& list = operation.spec.cli.positional;
  return std::find(list.begin(), list.end(), field) != list.end();
}

// Struct-valued fields are for programs; people have the plain ones beside them.
bool is_typeable(const Field& field) {
  return field.required || (field.shape.kind != Kind::object && field.shape.kind != Kind::map);
}

std::string choice_problem(const Field& field, const std::string& text) {
  const auto& choices = field.shape.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) {
    return "";
  }
  std::string problem = "must be one of";
  for (const std::string& choice : choices) problem += " " + choice;
  return problem;
}

Result<json> value_of(const Field& field, const std::vector<std::string>& words) {
  if (field.shape.kind != Kind::list) {
    const std::string problem = choice_problem(field, words.back());
    if (!problem.empty()) {
      Error error = refuse(Code::invalid, problem);
      error.fields.push_back({field.name, problem});
      return error;
    }
    return catalogue::value_from_text(field.shape, field.name, words.back());
  }
  json all = json::array();
  for (const std::string& word : words) {
    Result<json> some = catalogue::value_from_text(field.shape, field.name, word);
    if (!some) return some;
    for (json& item : some.value()) all.push_back(std::move(item));
  }
  return all;
}

std::string shown_name(const Option& option) {
  return option.positional ? option.name : "--" + option.name;
}

}  // namespace

std::optional<std::string> Values::text(const std::string& name) const {
  const auto found = by_name.find(name);
  if (found == by_name.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Values::list(const std::string& name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? std::vector<std::string>() : found->second;
}

Command& Command::flag(std::string name, std::string doc) {
  options.push_back({std::move(name), std::move(doc)});
  return *this;
}

Command& Command::option(std::string name, std::string value, std::string doc) {
  options.push_back({std::move(name), std::move(doc), std::move(value)});
  return *this;
}

Command& Command::argument(std::string name, std::string doc, bool required) {
  options.push_back({std::move(name), std::move(doc), "TEXT", true, required});
  return *this;
}

Command& Command::rest(std::string name, std::string doc) {
  options.push_back({std::move(name), std::move(doc), "TEXT", true, false, true});
  return *this;
}

Command& Command::in_group(std::string text) {
  group = std::move(text);
  return *this;
}

Command& Command::with_example(std::string text) {
  example = std::move(text);
  return *this;
}

Command& Command::hide() {
  hidden = true;
  return *this;
}

Command command_of(const Operation& operation) {
  const catalogue::CliShape& shape = operation.spec.cli;
  Command command;
  command.words = shape.command;
  command.summary = operation.spec.summary;
  command.group = shape.group;
  command.example = shape.example;
  command.operation = &operation;
  for (const std::string& name : shape.positional) {
    command.options.push_back(option_of(operation, *operation.input.find(name)));
    command.options.back().positional = true;
  }
  for (const Field& field : operation.input.fields) {
    if (is_positional(operation, field.name) || !is_typeable(field)) continue;
    command.options.push_back(option_of(operation, field));
  }
  if (!operation.spec.hints.read_only && operation.input.find("key") == nullptr) {
    command.option("key", "TEXT", "a repeated call with the same key returns the first answer");
  }
  if (!operation.spec.follow.list.empty()) command.flag("follow", "go on as more arrives");
  return command;
}

Result<json> arguments_of(const Command& command, const Values& values,
                          const std::function<std::string()>& standard_input) {
  json args = json::object();
  Error error = refuse(Code::invalid, "");
  const Option* last = nullptr;
  for (const Option& option : command.options) {
    if (option.positional) last = &option;
  }
  for (const Option& option : command.options) {
    if (option.field.empty() || !values.has(option.name)) continue;
    const Field& field = *command.operation->input.find(option.field);
    std::vector<std::string> words = values.list(option.name);
    if (words.empty()) words.emplace_back("true");
    if (&option == last && field.shape.kind == Kind::text && words.back() == "-") {
      words.back() = standard_input();
    }
    Result<json> value = value_of(field, words);
    if (value) {
      args[option.field] = std::move(value.value());
      continue;
    }
    const std::string problem = value.error().fields.front().problem;
    error.message += (error.message.empty() ? "" : "; ") + shown_name(option) + " " + problem;
    error.fields.push_back({option.field, problem});
  }
  if (!error.fields.empty()) return error;
  return args;
}

}  // namespace fleet::cli
