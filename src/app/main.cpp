// fleet-nerve: reads its surroundings once, then lets the command line decide.
#include <sys/ioctl.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/transport.h"
#include "io/waiting.h"
#include "services/registry.h"

namespace fleet::app {
namespace {

constexpr std::size_t kNarrowest = 40;

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest;
  return known ? size.ws_col : 100;
}

cli::Terminal terminal(const Environment& environment) {
  return {.in = std::cin,
          .out = std::cout,
          .err = std::cerr,
          .in_is_tty = ::isatty(STDIN_FILENO) == 1,
          .out_is_tty = ::isatty(STDOUT_FILENO) == 1,
          .no_color = !environment.get("NO_COLOR").empty(),
          .width = terminal_width(),
          .version = FLEET_VERSION,
          .pause = [](Millis span) { return io::pause(span); }};
}

int run(const std::vector<std::string>& words) {
  const Environment environment = Environment::of_process();
  const Start start{places(environment), environment, std::filesystem::current_path(), false};
  catalogue::Catalogue all;
  describe_all(all);
  catalogue::Caller caller;
  caller.session = environment.get("CLAUDE_CODE_SESSION_ID");
  const cli::Terminal screen = terminal(environment);
  cli::Cli cli(
      all, [&start](const cli::Values&) { return std::make_unique<SocketTransport>(start.places); },
      screen, caller);
  add_commands(cli, start, screen);
  return cli.run(words);
}

}  // namespace
}  // namespace fleet::app

int main(int argc, char** argv) {
  try {
    return fleet::app::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& fault) {
    std::cerr << "fleet-nerve: " << fault.what() << '\n';
    return 1;
  }
}
