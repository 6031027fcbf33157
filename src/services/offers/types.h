// What a hook of an AI client tells the daemon, and what it is to print. The prompt itself stays
// where it was typed.
#pragma once

#include <string>

namespace fleet::offers {

struct HookRequest {
  std::string event{}, client{}, session_id{}, transcript_path{}, cwd{}, prompt_id{}, source{};
  bool injected = false;

  template <class V>
  void fields(V& v) {
    v.choice("event", event, {"session-start", "user-prompt-submit", "session-end"},
             "what happened in the session");
    v.optional("client", client, "claude, codex, gemini or cursor");
    v.required("session_id", session_id, "the client's id of the session");
    v.optional("transcript_path", transcript_path, "where the client writes the session down");
    v.optional("cwd", cwd, "the session's working directory");
    v.optional("prompt_id", prompt_id, "the client's id of the prompt");
    v.optional("source", source, "why the session starts: startup, resume, clear, compact, fork");
    v.optional("injected", injected, "the prompt is one that fleet-nerve put there");
  }
};

struct HookReply {
  std::string text{};

  template <class V>
  void fields(V& v) {
    v.required("text", text, "put this before the model; may be empty");
  }
};

}  // namespace fleet::offers
