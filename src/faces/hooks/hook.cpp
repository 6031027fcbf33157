#include "faces/hooks/hook.h"

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

namespace fleet::hooks {
namespace {

using nlohmann::json;

struct EventName {
  std::string_view event;
  std::string_view name;
};
// The first name of an event is what is answered where a client gave none.
constexpr std::array<EventName, 7> kEvents{{{"session-start", "SessionStart"},
                                            {"session-start", "sessionStart"},
                                            {"user-prompt-submit", "UserPromptSubmit"},
                                            {"user-prompt-submit", "BeforeAgent"},
                                            {"user-prompt-submit", "beforeSubmitPrompt"},
                                            {"session-end", "SessionEnd"},
                                            {"session-end", "sessionEnd"}}};

std::string text_of(const json& input, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = input.find(name);
    if (found != input.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

std::string event_of(std::string_view name) {
  for (const EventName& known : kEvents) {
    if (known.name == name) return std::string(known.event);
  }
  return "";
}

std::string name_of(const std::string& event, const std::string& told) {
  if (event.empty()) return "";
  if (event_of(told) == event) return told;
  for (const EventName& known : kEvents) {
    if (known.event == event) return std::string(known.name);
  }
  return "";
}

std::string client_of(const json& input, const std::string& name) {
  if (name.starts_with("Before")) return "gemini";
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') return "cursor";
  return input.contains("turn_id") ? "codex" : "claude";
}

std::string folder_of(const json& input) {
  const auto roots = input.find("workspace_roots");
  const bool listed = roots != input.end() && roots->is_array() && !roots->empty();
  if (listed && roots->front().is_string()) return roots->front().get<std::string>();
  return text_of(input, {"cwd"});
}

// A fence as services/offers writes it: <fleet-0123456789abcdef id="…
bool is_ours(std::string_view prompt) {
  constexpr std::string_view kOpen = "<fleet-";
  constexpr std::size_t kDigits = 16;
  for (std::size_t at = prompt.find(kOpen); at != prompt.npos; at = prompt.find(kOpen, at + 1)) {
    const std::string_view tag = prompt.substr(at + kOpen.size(), kDigits);
    const bool hex = tag.size() == kDigits && tag.find_first_not_of("0123456789abcdef") == tag.npos;
    if (hex && prompt.substr(at + kOpen.size() + kDigits).starts_with(" id=\"")) return true;
  }
  return false;
}

// Its prompt hook cannot put text before the model, so nothing may be offered there.
bool takes_no_context(const Heard& heard) {
  return heard.client == "cursor" && heard.event == "user-prompt-submit";
}

std::string read_all(std::istream& in) {
  std::string input(kMaxInput + 1, '\0');
  in.read(input.data(), static_cast<std::streamsize>(input.size()));
  input.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return input.size() > kMaxInput ? std::string() : input;
}

std::string ask(catalogue::OperationTransport& transport, const Heard& heard) {
  const json args = {{"event", heard.event},
                     {"client", heard.client},
                     {"session_id", heard.session},
                     {"transcript_path", heard.transcript},
                     {"cwd", heard.cwd},
                     {"prompt_id", heard.prompt_id},
                     {"source", heard.source},
                     {"injected", heard.injected}};
  catalogue::Caller caller;
  caller.kind = catalogue::Caller::Kind::session;
  caller.session = heard.session;
  const catalogue::Reply reply = catalogue::call_remote(transport, "fleet_hook", args, caller);
  return reply.ok() ? reply.value().value("text", "") : "";
}

}  // namespace

std::optional<Heard> understand(std::string_view bytes, std::string event, std::string client) {
  const json input = json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!input.is_object()) return std::nullopt;
  const std::string told = text_of(input, {"hook_event_name"});
  Heard heard;
  heard.event = event.empty() ? event_of(told) : std::move(event);
  heard.name = name_of(heard.event, told);
  heard.client = client.empty() ? client_of(input, told) : std::move(client);
  heard.session = text_of(input, {"session_id", "sessionId", "conversation_id"});
  heard.transcript = text_of(input, {"transcript_path"});
  heard.cwd = folder_of(input);
  heard.prompt_id = text_of(input, {"prompt_id", "turn_id", "generation_id"});
  heard.source = text_of(input, {"source"});
  heard.injected = is_ours(text_of(input, {"prompt"}));
  const bool askable = !heard.name.empty() && !heard.session.empty() && !takes_no_context(heard);
  return askable ? std::optional(std::move(heard)) : std::nullopt;
}

std::string answer_for(const Heard& heard, const std::string& text) {
  json answer = json::object();
  if (heard.client == "cursor") {
    answer["additional_context"] = text;
  } else {
    answer["hookSpecificOutput"] = {{"hookEventName", heard.name}, {"additionalContext", text}};
  }
  return answer.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

int run_hook(const HookCall& call, void (*before_print)()) {
  try {
    const auto heard = understand(read_all(call.in), call.event, call.client);
    const std::string text = heard ? ask(call.transport, *heard) : "";
    if (before_print != nullptr) before_print();
    if (!text.empty()) call.out << answer_for(*heard, text) << std::flush;
  } catch (const std::exception&) {
    // A hook that complains disturbs the session; the daemon's own log has what went wrong.
  }
  return 0;
}

}  // namespace fleet::hooks
