#include "faces/http/sse.h"

#include <algorithm>

namespace fleet::http {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') out += c;
  }
  out += '\n';
}

}  // namespace

std::string sse_event(std::string_view id, std::string_view name, std::string_view data) {
  std::string out;
  out.reserve(data.size() + id.size() + name.size() + 32);
  if (!id.empty()) append_field(out, "id", id);
  if (!name.empty()) append_field(out, "event", name);
  while (true) {
    const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
    append_field(out, "data", data.substr(0, end));
    if (end == data.size()) break;
    const bool crlf = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (crlf ? 2 : 1));
  }
  out += '\n';
  return out;
}

std::string sse_retry(int millis) { return "retry: " + std::to_string(millis) + "\n\n"; }
std::string sse_ping() { return ": ping\n\n"; }

}  // namespace fleet::http
