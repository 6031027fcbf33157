// The program's log: one line an event on standard error, with typed fields from a fixed list of
// keys, so that a body, prompt, token or key cannot slip in by name. Any thread. (spec: security
// §10)
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace fleet::io {

enum class LogKey {
  address,
  channel,
  count,
  home,
  id,
  ms,
  node,
  operation,
  peer,
  pid,
  reason,
  state,
  type,
  version
};

struct LogField {
  LogKey key;
  std::string value;

  LogField(LogKey k, std::string_view v) : key(k), value(v) {}
  LogField(LogKey k, const std::string& v) : key(k), value(v) {}
  LogField(LogKey k, const char* v) : key(k), value(v) {}
  LogField(LogKey k, std::int64_t v) : key(k), value(std::to_string(v)) {}
};

enum class LogLevel { debug, info, warn, error };

// "debug", "info" or "warn"; what is below it is not written.
void open_log(std::string_view level);
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::info, event, fields);
}
inline void log_warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::warn, event, fields);
}

}  // namespace fleet::io
