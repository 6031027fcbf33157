#include "app/explain.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/transport.h"

namespace fleet::app {
namespace {

using nlohmann::json;

// "12:04:31.207", in UTC, since the two ends may stand in different zones.
std::string time_of_day(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + ms % 1000);
  return std::string(text.data()) + '.' + fraction.substr(1);
}

}  // namespace

void print_timeline(std::ostream& out, const json& message) {
  out << message.at("id").get<std::string>() << "  " << message.at("from").get<std::string>()
      << " -> " << message.at("to").get<std::string>() << "  "
      << message.at("type").get<std::string>() << "  " << message.at("state").get<std::string>();
  if (message.contains("flag")) out << " (" << message.at("flag").get<std::string>() << ')';
  out << '\n';
  std::int64_t first = 0;
  for (const json& entry : message.at("timeline")) {
    const auto at = entry.at("at_ms").get<std::int64_t>();
    if (first == 0) first = at;
    out << "  " << time_of_day(at) << "  +" << at - first << " ms  "
        << entry.at("node").get<std::string>() << "  " << entry.at("event").get<std::string>();
    if (entry.contains("channel")) out << " by " << entry.at("channel").get<std::string>();
    if (entry.contains("detail")) out << ": " << entry.at("detail").get<std::string>();
    out << '\n';
  }
}

int explain(const Start& start, const cli::Terminal& terminal, const cli::Values& values) {
  SocketTransport transport(start.places);
  const json args{{"id", values.text("id").value_or("")}};
  const catalogue::Reply reply = catalogue::call_remote(transport, "fleet_message", args, {});
  if (!reply) {
    terminal.err << "fleet-nerve: " << reply.error().message << '\n';
    return reply.error().name == cli::kDaemonDownName ? cli::kDaemonDown
                                                      : exit_status(reply.error().code);
  }
  if (values.has("json")) {
    terminal.out << *reply << '\n';
  } else {
    print_timeline(terminal.out, *reply);
  }
  return 0;
}

}  // namespace fleet::app
