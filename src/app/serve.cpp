#include "app/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

#include "app/node.h"
#include "app/transport.h"
#include "faces/mcp/stdio.h"
#include "io/log.h"
#include "io/offload.h"
#include "io/spawn.h"
#include "io/supervisor.h"
#include "io/system_clock.h"
#include "services/registry.h"

namespace fleet::app {
namespace {

using io::LogKey;

// Keys are in memory: no core file may hold them.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

int complain(const Error& error) {
  std::cerr << "fleet-nerve: " << error.message << '\n';
  return exit_status(error.code);
}

Result<Config> read_config(const Start& start) {
  if (::geteuid() == 0 && !start.allow_root) {
    return refuse(
        Code::config,
        "refusing to run as root: tasks of peers would run as root too; run it as yourself, "
        "or say --allow-root in a container");
  }
  return load_config(start.places, start.environment, start.working_directory);
}

// Everything durable is in the store, which has just committed: the process ends here, without
// unwinding coroutines that nobody will resume.
[[noreturn]] void leave(std::unique_ptr<Node>& node, int status) {
  static_cast<void>(node.release());
  std::cout.flush();
  std::cerr.flush();
  std::_Exit(status);
}

// A start that ends by a fault ends the process too: nobody is served by half a node.
Task<Result<void>> started(Node& node) {
  std::string fault;
  try {
    Result<void> done = co_await node.start();
    co_return done;
  } catch (const std::exception& thrown) {
    fault = thrown.what();
  }
  co_return refuse(Code::unavailable, "the node could not start: " + fault);
}

struct Daemon {
  asio::io_context loop{1};
  std::unique_ptr<Node> node{};
  std::string notify_socket{};
  int status = 0;

  Task<void> begin() {
    Result<void> done = co_await started(*node);
    if (!done) {
      status = complain(done.error());
      loop.stop();
      co_return;
    }
    io::log_info("ready", {{LogKey::node, node->node_id()}, {LogKey::address, node->listens()}});
    io::notify_supervisor(notify_socket, "READY=1");
  }

  Task<void> end() {
    io::notify_supervisor(notify_socket, "STOPPING=1");
    co_await node->stop();
    loop.stop();
  }
};

void greet(const Node& node, const Places& places) {
  io::log_info("fleet-nerve", {{LogKey::version, FLEET_VERSION},
                               {LogKey::node, node.node_id()},
                               {LogKey::home, places.home.string()}});
  if (node.made_fleet()) {
    io::log_info("made a fleet of one; add a machine with: fleet-nerve invite",
                 {{LogKey::node, node.node_id()}});
  }
}

}  // namespace

int serve(const Start& start) {
  forbid_core_dumps();
  auto config = read_config(start);
  if (!config) return complain(config.error());
  io::open_log(config->log);
  for (const std::string& section : config->unserved) {
    io::log_warn("configured, but not part of this version", {{LogKey::type, section}});
  }
  static Daemon daemon;  // coroutines refer to it until the process ends
  daemon.notify_socket = start.environment.get("NOTIFY_SOCKET");
  auto node = Node::open(daemon.loop.get_executor(), start.places, std::move(*config));
  if (!node) return complain(node.error());
  daemon.node = std::move(*node);
  greet(*daemon.node, start.places);
  asio::signal_set signals(daemon.loop, SIGTERM, SIGINT);
  signals.async_wait([](const std::error_code& aborted, int) {
    if (!aborted) io::spawn(daemon.loop.get_executor(), daemon.end(), "stop");
  });
  io::spawn(daemon.loop.get_executor(), daemon.begin(), "start");
  daemon.loop.run();
  daemon.node->close_store();
  leave(daemon.node, daemon.status);
}

namespace {

// What `mcp` stands on: a daemon over the socket, or a node in this process.
struct McpHost {
  asio::io_context loop{1};
  io::SystemClock clock{loop.get_executor()};
  io::Offload pool{loop.get_executor()};
  catalogue::Catalogue catalogue{};
  std::optional<SocketTransport> transport{};
  std::optional<catalogue::RemoteDispatcher> remote{};
  std::unique_ptr<Node> node{};
  std::optional<mcp::Stdio> stdio{};
  int status = 0;

  Task<void> run() {
    if (node) {
      Result<void> done = co_await started(*node);
      if (!done) status = complain(done.error());
    }
    if (status == 0) co_await stdio->run();
    if (node) co_await node->stop();
    loop.stop();
  }
};

bool daemon_answers(const Places& places) {
  SocketTransport transport(places, Millis{2'000});
  return catalogue::call_remote(transport, "fleet_status", nlohmann::json::object(), {}).ok();
}

void attach(McpHost& host, const Places& places) {
  describe_all(host.catalogue);
  host.transport.emplace(places);
  io::Offload& pool = host.pool;
  host.remote.emplace(*host.transport, [&pool](std::function<void()> job) -> Task<void> {
    return pool.run("daemon", std::move(job));
  });
}

}  // namespace

int serve_mcp(const Start& start) {
  forbid_core_dumps();
  static McpHost host;
  catalogue::Caller caller;
  caller.kind = catalogue::Caller::Kind::session;
  caller.session = start.environment.get("CLAUDE_CODE_SESSION_ID");
  const Executor loop = host.loop.get_executor();
  if (daemon_answers(start.places)) {
    attach(host, start.places);
    const mcp::Stdio::Needs needs{host.catalogue, *host.remote, host.clock};
    host.stdio.emplace(loop, STDIN_FILENO, STDOUT_FILENO, needs, caller);
  } else {
    auto config = read_config(start);
    if (!config) return complain(config.error());
    io::open_log("warn");
    auto node = Node::open(loop, start.places, std::move(*config));
    if (!node) return complain(node.error());
    host.node = std::move(*node);
    const mcp::Stdio::Needs needs{host.node->catalogue(), host.node->dispatcher(), host.clock};
    host.stdio.emplace(loop, STDIN_FILENO, STDOUT_FILENO, needs, caller);
  }
  io::spawn(loop, host.run(), "mcp");
  host.loop.run();
  if (host.node) host.node->close_store();
  leave(host.node, host.status);
}

}  // namespace fleet::app
