#include "app/commands.h"

#include <unistd.h>

#include <asio/io_context.hpp>
#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/demo.h"
#include "app/explain.h"
#include "app/transport.h"
#include "catalogue/docs.h"
#include "faces/hooks/hook.h"
#include "io/addresses.h"
#include "io/file_io.h"
#include "io/hard_deadline.h"
#include "io/system_clock.h"
#include "io/system_rng.h"
#include "services/registry.h"
#include "services/trust/join.h"
#include "store/lock.h"

namespace fleet::app {
namespace {

constexpr Millis kHookBudget{80};  // security §9: 100 ms with everything
constexpr Millis kHookRest{15};    // to print what came within the budget

using cli::Terminal;
using cli::Values;

int refuse_with(const Terminal& terminal, const Error& error) {
  terminal.err << "fleet-nerve: " << error.message << '\n';
  return exit_status(error.code);
}

Stamp wall_clock() {
  asio::io_context idle;
  return io::SystemClock(idle.get_executor()).stamp();
}

Start with_flags(Start start, const Values& values) {
  start.allow_root = values.has("allow-root");
  return start;
}

// Home and lock, for commands that change what a running daemon holds.
Result<store::StoreLock> hold_home(const Places& places) {
  for (const auto& dir : {places.home, places.run()}) {
    if (auto made = io::make_private_dir(dir); !made) return made.error();
  }
  auto lock = store::StoreLock::acquire(places.lock());
  if (lock) return lock;
  return refuse(Code::conflict,
                "the daemon is running with this home; stop it first, then try again");
}

Result<Config> config_with(const Start& start, const Values& values) {
  auto config = load_config(start.places, start.environment, start.working_directory);
  if (!config) return config;
  if (const auto node = values.text("node")) {
    if (!valid_node_id(*node)) {
      return refuse(Code::invalid,
                    "'" + *node + "' is no node id: a-z, 0-9 and -, up to 32 letters");
    }
    config->node_id = *node;
  }
  return config;
}

int init(const Start& start, const Terminal& terminal, const Values& values) {
  auto config = config_with(start, values);
  if (!config) return refuse_with(terminal, config.error());
  auto lock = hold_home(start.places);
  if (!lock) return refuse_with(terminal, lock.error());
  const trust::KeyStore store(start.places.home);
  io::SystemRng rng;
  const OpenSslCrypto crypto;
  auto made = store.make(crypto, rng, config->node_id, wall_clock());
  if (!made) return refuse_with(terminal, made.error());
  if (values.has("json")) {
    terminal.out << nlohmann::json{{"node", config->node_id}} << '\n';
    return 0;
  }
  terminal.out << "This machine is '" << config->node_id << "', the first of a new fleet.\n"
               << "  next: fleet-nerve serve       (leave it running)\n"
               << "        fleet-nerve invite      (prints the command for the other machine)\n";
  return 0;
}

std::vector<std::string> own_http(const Config& config) {
  if (config.listen.remote_named) return config.listen.remote;
  std::vector<std::string> addresses = io::own_addresses();
  const std::string& local = config.listen.local;
  for (std::string& address : addresses) address += local.substr(local.rfind(':'));
  return addresses;
}

int join(const Start& start, const Terminal& terminal, const Values& values) {
  auto config = config_with(start, values);
  if (!config) return refuse_with(terminal, config.error());
  auto lock = hold_home(start.places);
  if (!lock) return refuse_with(terminal, lock.error());
  trust::JoinRequest request;
  request.home = start.places.home;
  request.token = values.text("token").value_or("");
  request.node = config->node_id;
  request.tasks_from = values.text("tasks-from").value_or("");
  request.http = own_http(*config);
  request.udp = config->listen.udp;
  if (request.udp.empty() && !request.http.empty()) request.udp = request.http.front();
  PairClient client;
  io::SystemRng rng;
  const OpenSslCrypto crypto;
  auto joined = trust::join(crypto, rng, client, request);
  if (!joined) return refuse_with(terminal, joined.error());
  if (values.has("json")) {
    nlohmann::json reply{{"node", joined->node}, {"fleet", joined->fleet}};
    reply["inviter"] = joined->inviter;
    reply["notes"] = joined->notes;
    terminal.out << reply << '\n';
    return 0;
  }
  terminal.out << "This machine is '" << joined->node << "' in the fleet of " << joined->inviter
               << ".\n";
  for (const std::string& note : joined->notes) terminal.out << "  note: " << note << '\n';
  terminal.out << "  next: fleet-nerve serve\n        fleet-nerve send " << joined->inviter
               << " 'hello' --until stored\n";
  return 0;
}

// FLEET_NERVE_HOOK_MS is for tests on machines that are slow on purpose.
Millis hook_budget(const Environment& environment) {
  const std::string& text = environment.get("FLEET_NERVE_HOOK_MS");
  std::int64_t ms = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), ms);
  return bad == std::errc{} && ms > 0 ? Millis{ms} : kHookBudget;
}

int hook(const Start& start, const Terminal& terminal, const Values& values) {
  const Millis budget = hook_budget(start.environment);
  io::end_process_after(budget + kHookRest);
  SocketTransport transport(start.places, budget);
  const hooks::HookCall call{values.text("event").value_or(""), values.text("client").value_or(""),
                             transport, terminal.in, terminal.out};
  return hooks::run_hook(call, io::cancel_process_end);
}

int operations(const Terminal& terminal) {
  catalogue::Catalogue all;
  describe_all(all);
  terminal.out << catalogue::operations_markdown(all);
  return 0;
}

}  // namespace

void add_commands(cli::Cli& cli, const Start& start, const Terminal& terminal) {
  cli.extra("serve", "Run this machine's node in the foreground.",
            [start](const Values& values) { return serve(with_flags(start, values)); })
      .flag("allow-root", "run as root all the same, in a container or a test")
      .in_group("Node")
      .with_example("serve");
  cli.extra("init", "Make a new fleet with this machine as its first node.",
            [start, terminal](const Values& values) { return init(start, terminal, values); })
      .option("node", "ID", "this machine's name; default: the configured one, or the host's")
      .in_group("Trust")
      .with_example("init --node mac1");
  cli.extra("join", "Join the fleet of another machine with the token that its `invite` printed.",
            [start, terminal](const Values& values) { return join(start, terminal, values); })
      .argument("token", "fn1.…, good for 15 minutes and once")
      .option("node", "ID", "this machine's name in the fleet")
      .option("tasks-from", "NODE", "accept tasks from this node without asking a person")
      .in_group("Trust")
      .with_example("join fn1.eyJmbGVldCI6… --tasks-from chief");
  cli.extra("explain", "Show every hop of one message, with times and reasons.",
            [start, terminal](const Values& values) { return explain(start, terminal, values); })
      .argument("id", "the message's name")
      .in_group("Messages")
      .with_example("explain mac1.00f3a9c2b4d5e6f7.42");
  cli.extra("mcp", "Speak MCP on standard input and output; for IDEs.",
            [start](const Values& values) { return serve_mcp(with_flags(start, values)); })
      .flag("allow-root", "where this has to start a node itself, as root")
      .in_group("Node")
      .with_example("mcp");
  cli.extra("hook", "What AI clients call at their events; silent where no daemon runs.",
            [start, terminal](const Values& values) { return hook(start, terminal, values); })
      .argument("event", "session-start, user-prompt-submit or session-end", false)
      .option("client", "NAME", "claude, codex, gemini or cursor, where it cannot be told")
      .hide();
  cli.extra("demo",
            "Three nodes on loopback: messages, a road that breaks, a receiver that is killed.",
            [start, terminal](const Values& values) { return demo(start, terminal, values); })
      .flag("keep", "leave the three nodes running until Ctrl-C")
      .in_group("Node")
      .with_example("demo");
  cli.extra("operations", "Print the reference of all operations as Markdown.",
            [terminal](const Values&) { return operations(terminal); })
      .hide();
}

}  // namespace fleet::app
