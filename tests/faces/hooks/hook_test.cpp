#include "faces/hooks/hook.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace fleet::hooks {
namespace {

using nlohmann::json;

// Answers what it was told to, and remembers what it was asked.
class Daemon final : public catalogue::OperationTransport {
 public:
  Result<Answer> post(const std::string& operation, const std::string& json_text,
                      const catalogue::HeaderList&) override {
    asked.push_back(operation + " " + json_text);
    if (broken) throw std::runtime_error("the socket broke");
    if (down) return refuse(Code::unavailable, "daemon_down", "no daemon");
    return answer;
  }
  json args() const { return json::parse(asked.at(0).substr(asked.at(0).find(' ') + 1)); }
  std::vector<std::string> asked{};
  Answer answer{200, R"({"text":"<fleet-1> \"é\n"})"};
  bool down = false, broken = false;
};

struct Ran {
  int exit = 0;
  std::string out{};
};

Ran run(Daemon& daemon, const std::string& input, const std::string& event = "",
        const std::string& client = "") {
  std::istringstream in(input);
  std::ostringstream out;
  const int exit = run_hook({event, client, daemon, in, out});
  return {exit, out.str()};
}

const std::string kClaude =
    R"({"session_id":"s1","transcript_path":"/home/dev/t.jsonl","cwd":"/home/dev/web",)"
    R"("prompt_id":"p1","hook_event_name":"UserPromptSubmit","prompt":"my secret plan"})";

TEST(Hook, prints_exactly_one_answer) {
  Daemon daemon;
  const Ran ran = run(daemon, kClaude, "user-prompt-submit");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out,
            R"({"hookSpecificOutput":{"additionalContext":"<fleet-1> \"é\n","hookEventName":)"
            R"("UserPromptSubmit"}})"
            "\n");
}

TEST(Hook, tells_the_daemon_whose_session_it_is_and_keeps_the_prompt) {
  Daemon daemon;
  run(daemon, kClaude, "user-prompt-submit");
  ASSERT_EQ(daemon.asked.size(), 1U);
  EXPECT_TRUE(daemon.asked[0].starts_with("fleet_hook "));
  EXPECT_EQ(daemon.asked[0].find("secret"), std::string::npos);
  EXPECT_EQ(daemon.args()["session_id"], "s1");
  EXPECT_EQ(daemon.args()["event"], "user-prompt-submit");
  EXPECT_EQ(daemon.args()["client"], "claude");
  EXPECT_EQ(daemon.args()["prompt_id"], "p1");
  EXPECT_EQ(daemon.args()["transcript_path"], "/home/dev/t.jsonl");
  EXPECT_EQ(daemon.args()["injected"], false);
}

TEST(Hook, is_silent_and_succeeds_whatever_goes_wrong) {
  for (const char* input : {"", "{", "[]", "null", "\xff\xfe", "{\"session_id\":7}", "{}",
                            "{\"session_id\":\"s\",\"hook_event_name\":\"NoSuchEvent\"}"}) {
    Daemon daemon;
    const Ran ran = run(daemon, input);
    EXPECT_EQ(ran.exit, 0) << input;
    EXPECT_EQ(ran.out, "") << input;
    EXPECT_TRUE(daemon.asked.empty()) << input;
  }
  for (const char* body : {"", "{", "[]", "{\"text\":7}", "{\"text\":\"\"}", "{}"}) {
    Daemon daemon;
    daemon.answer.body = body;
    EXPECT_EQ(run(daemon, kClaude).out, "") << body;
  }
  Daemon down, broken, refusing;
  down.down = broken.broken = true;
  refusing.answer = {503, R"({"error":{"code":"unavailable","message":"no"}})"};
  for (Daemon* daemon : {&down, &broken, &refusing}) {
    const Ran ran = run(*daemon, kClaude);
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.out, "");
  }
}

TEST(Hook, reads_no_more_than_a_mebibyte) {
  Daemon daemon;
  const std::string padding(kMaxInput, ' ');
  EXPECT_EQ(run(daemon, kClaude + padding).out, "");
  EXPECT_TRUE(daemon.asked.empty());
}

TEST(Hook, an_event_it_does_not_serve_asks_nobody) {
  Daemon daemon;
  EXPECT_EQ(run(daemon, kClaude, "post-tool-use").out, "");
  EXPECT_TRUE(daemon.asked.empty());
}

TEST(Hook, recognises_a_prompt_that_is_our_own_injection) {
  json input = json::parse(kClaude);
  input["prompt"] = "x\n<fleet-3f9c2a7be01d4456 id=\"mac1.1.1\" from=\"mac1\">\n| hi";
  Daemon daemon;
  run(daemon, input.dump());
  EXPECT_EQ(daemon.args()["injected"], true);
}

TEST(Hook, speaks_each_clients_own_language) {
  struct Case {
    const char* input;
    const char* client;
    const char* event;
    const char* name;
  };
  for (const Case& c : {
           Case{R"({"session_id":"s","hook_event_name":"BeforeAgent","prompt":"x"})", "gemini",
                "user-prompt-submit", "BeforeAgent"},
           Case{R"({"session_id":"s","hook_event_name":"UserPromptSubmit","turn_id":"t"})", "codex",
                "user-prompt-submit", "UserPromptSubmit"},
           Case{R"({"session_id":"s","hook_event_name":"SessionStart","source":"resume"})",
                "claude", "session-start", "SessionStart"},
       }) {
    Daemon daemon;
    const json answer = json::parse(run(daemon, c.input).out);
    EXPECT_EQ(daemon.args()["client"], c.client);
    EXPECT_EQ(daemon.args()["event"], c.event);
    EXPECT_EQ(answer["hookSpecificOutput"]["hookEventName"], c.name);
  }
}

TEST(Hook, offers_nothing_where_the_client_could_not_show_it) {
  Daemon daemon;
  run(daemon, R"({"conversation_id":"s","hook_event_name":"beforeSubmitPrompt","prompt":"x"})");
  EXPECT_TRUE(daemon.asked.empty());
  const json answer =
      json::parse(run(daemon, R"({"conversation_id":"s","hook_event_name":"sessionStart"})").out);
  EXPECT_TRUE(answer["additional_context"].is_string());
}

}  // namespace
}  // namespace fleet::hooks
