#include "io/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>

namespace fleet::io {
namespace {

constexpr std::size_t kMaxValue = 300;  // bytes; a log line is no place for more

constexpr std::array<std::string_view, 14> kKeys{"address", "channel", "count",     "home",   "id",
                                                 "ms",      "node",    "operation", "peer",   "pid",
                                                 "reason",  "state",   "type",      "version"};

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Line breaks and control bytes of others would forge lines.
void append_plain(std::string& line, std::string_view value) {
  for (const char c : value.substr(0, kMaxValue)) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
}

}  // namespace

void open_log(std::string_view level) {
  auto logger = spdlog::stderr_color_mt("fleet-nerve");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(level == "debug"  ? spdlog::level::debug
                    : level == "warn" ? spdlog::level::warn
                                      : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const auto at = level_of(level);
  if (!spdlog::should_log(at)) return;
  std::string line(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += kKeys.at(static_cast<std::size_t>(field.key));
    line += '=';
    append_plain(line, field.value);
  }
  spdlog::log(at, "{}", line);
}

}  // namespace fleet::io
