#include "faces/cli/cli.h"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "catalogue/wire_error.h"
#include "faces/cli/help.h"
#include "faces/cli/parse.h"
#include "faces/cli/render.h"
#include "fleet/base/utf8.h"

namespace fleet::cli {
namespace {

using catalogue::Access;
using catalogue::Caller;
using catalogue::OperationTransport;
using catalogue::Reply;
using nlohmann::json;

constexpr std::size_t kInputBytes = 2 * 1024 * 1024;
constexpr int kFollowWaitS = 25;       // how long the daemon may hold one answer back
constexpr Millis kFollowPause{1'000};  // after an empty answer that came at once

std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

RenderStyle style_for(const Command& command, const Terminal& terminal) {
  RenderStyle style;
  style.colour = terminal.out_is_tty && !terminal.no_color;
  // A pipe is read by programs: nothing is cut for them.
  style.width = terminal.out_is_tty ? terminal.width : 100'000;
  style.columns = command.operation->spec.cli.columns;
  return style;
}

// `fleet-nerve help send` is `fleet-nerve send --help`.
std::vector<std::string> without_help_word(std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

// Where to go on: the reply's cursor, else the last item's id.
json next_cursor(const catalogue::Follow& follow, const json& reply, const json& items) {
  const auto cursor = reply.find(follow.cursor);
  if (cursor != reply.end() && !cursor->is_null()) return *cursor;
  if (items.empty() || !items.back().is_object()) return nullptr;
  return items.back().value("id", json(nullptr));
}

}  // namespace

Cli::Cli(const catalogue::Catalogue& catalogue, Connect connect, Terminal terminal,
         catalogue::Caller caller)
    : connect_(std::move(connect)), terminal_(std::move(terminal)), caller_(std::move(caller)) {
  globals_.push_back({"json", "print the reply as JSON"});
  for (const catalogue::Operation& operation : catalogue.operations()) {
    if (!operation.spec.cli.command.empty()) operations_.push_back(command_of(operation));
  }
}

void Cli::global(std::string name, std::string value, std::string doc) {
  globals_.push_back({std::move(name), std::move(doc), std::move(value)});
}

Command& Cli::extra(std::string words, std::string summary, Run run) {
  Command command;
  command.words = std::move(words);
  command.summary = std::move(summary);
  command.run = std::move(run);
  return extras_.emplace_back(std::move(command));
}

int Cli::run(const std::vector<std::string>& typed) {
  std::deque<Command> commands = extras_;
  commands.insert(commands.end(), operations_.begin(), operations_.end());
  const ParsedLine line = parse_line(commands, globals_, without_help_word(typed));
  switch (line.outcome) {
    case ParsedLine::Outcome::version:
      terminal_.out << "fleet-nerve " << terminal_.version << "\n";
      return kOk;
    case ParsedLine::Outcome::help:
      terminal_.out << (line.command == nullptr ? program_help(commands, globals_)
                                                : command_help(*line.command, globals_));
      return kOk;
    case ParsedLine::Outcome::wrong:
      terminal_.err << "fleet-nerve: " << clean_for_prompt(line.problem) << "\n";
      if (line.command != nullptr) terminal_.err << "Usage: " << usage_line(*line.command) << "\n";
      return kUsage;
    case ParsedLine::Outcome::run:
      break;
  }
  if (line.command->operation == nullptr) return line.command->run(line.values);
  return run_operation(*line.command, line.values);
}

int Cli::run_operation(const Command& command, const Values& values) {
  Result<json> args = arguments_of(command, values, [this] { return read_input(); });
  if (!args) {
    refusal(args.error(), values.has("json"));
    return kUsage;
  }
  const Caller caller = caller_for(command, values);
  const std::unique_ptr<OperationTransport> transport = connect_(values);
  if (values.has("follow")) {
    return follow(*transport, command, values, std::move(args.value()), caller);
  }
  const Reply reply = call_remote(*transport, command.operation->spec.name, args.value(), caller);
  return answer(command, values, reply);
}

int Cli::answer(const Command& command, const Values& values, const Reply& reply) {
  if (!reply) return refusal(reply.error(), values.has("json"));
  if (values.has("json")) {
    terminal_.out << line_of(reply.value());
  } else {
    terminal_.out << render(reply.value(), style_for(command, terminal_));
  }
  const auto status = command.operation->spec.exit_status;
  return status == nullptr ? kOk : status(reply.value());
}

int Cli::refusal(const Error& error, bool as_json) {
  if (as_json) {
    terminal_.out << line_of(catalogue::error_json(error));
  } else {
    terminal_.err << "fleet-nerve: " << clean_for_prompt(error.message) << "\n";
  }
  return error.name == kDaemonDownName ? kDaemonDown : exit_status(error.code);
}

int Cli::follow(OperationTransport& transport, const Command& command, const Values& values,
                json args, const Caller& caller) {
  const catalogue::OperationSpec& spec = command.operation->spec;
  const bool can_wait = command.operation->input.find(spec.follow.wait) != nullptr;
  for (;;) {
    const Reply reply = call_remote(transport, spec.name, args, caller);
    if (!reply) return refusal(reply.error(), values.has("json"));
    const json items = reply.value().value(spec.follow.list, json::array());
    show_items(command, items, values.has("json"));
    const json cursor = next_cursor(spec.follow, reply.value(), items);
    if (!cursor.is_null()) args[spec.follow.after] = cursor;
    if (can_wait) args[spec.follow.wait] = kFollowWaitS;
    if (!items.empty()) continue;
    if (!terminal_.pause || !terminal_.pause(kFollowPause)) return kOk;
  }
}

void Cli::show_items(const Command& command, const json& items, bool as_json) {
  const RenderStyle style = style_for(command, terminal_);
  for (const json& item : items) {
    terminal_.out << (as_json ? line_of(item) : render_line(item, style));
  }
  terminal_.out.flush();
}

Caller Cli::caller_for(const Command& command, const Values& values) const {
  Caller caller = caller_;
  caller.idempotency_key = values.text("key").value_or("");
  const bool person = terminal_.in_is_tty && command.operation->spec.access == Access::trust;
  if (person) {
    caller.kind = Caller::Kind::tty;
  } else if (!caller.session.empty()) {
    caller.kind = Caller::Kind::session;
  }
  return caller;
}

std::string Cli::read_input() {
  std::string text;
  char chunk[4096];
  while (text.size() <= kInputBytes && terminal_.in) {
    terminal_.in.read(chunk, sizeof chunk);
    text.append(chunk, static_cast<std::size_t>(terminal_.in.gcount()));
  }
  return text;
}

}  // namespace fleet::cli
