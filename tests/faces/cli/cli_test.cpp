#include "faces/cli/cli.h"

#include <gtest/gtest.h>

#include <sstream>

#include "catalogue/wire_error.h"
#include "support/toy_catalogue.h"

namespace fleet::cli {
namespace {

using nlohmann::json;

// The daemon's side of the socket, without a socket.
struct Daemon {
  toy::World world;
  bool down = false;
  std::vector<std::string> asked{};
  catalogue::HeaderList headers{};
};

struct Wire final : catalogue::OperationTransport {
  Daemon& daemon;
  explicit Wire(Daemon& to) : daemon(to) {}
  Result<Answer> post(const std::string& operation, const std::string& text,
                      const catalogue::HeaderList& headers) override {
    if (daemon.down) return refuse(Code::unavailable, "daemon_down", "run `fleet-nerve serve`");
    daemon.asked.push_back(operation + " " + text);
    daemon.headers = headers;
    catalogue::Caller caller;
    for (const auto& [name, value] : headers) {
      if (name == catalogue::kTtyHeader) caller.kind = catalogue::Caller::Kind::tty;
    }
    const catalogue::Reply reply = daemon.world.call(operation, json::parse(text), caller);
    if (reply) return Answer{200, reply.value().dump()};
    return Answer{http_status(reply.error().code), catalogue::error_json(reply.error()).dump()};
  }
};

struct CliTest : testing::Test {
  Daemon daemon;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  bool tty = false;
  int pauses = 0;

  int run(std::vector<std::string> words) {
    out.str("");
    err.str("");
    Terminal terminal{in, out, err, tty, tty};
    terminal.pause = [this](Millis) { return ++pauses < 3; };
    Cli cli(
        daemon.world.catalogue, [this](const Values&) { return std::make_unique<Wire>(daemon); },
        terminal);
    cli.global("home", "DIR", "where the node lives");
    cli.extra("serve", "Run the daemon.",
              [this](const Values& values) {
                served = values.has("allow-root") ? "root" : "plain";
                home = values.text("home").value_or("");
                rest = values.list("args");
                return 7;
              })
        .flag("allow-root", "run as root all the same")
        .rest("args", "what follows")
        .in_group("Node")
        .with_example("serve --allow-root");
    return cli.run(words);
  }
  std::string served;
  std::string home;
  std::vector<std::string> rest;
};

TEST_F(CliTest, positional_words_and_options_become_the_request) {
  EXPECT_EQ(run({"send", "mac2", "hello", "--type", "alert", "--wait", "5"}), 0);
  EXPECT_EQ(daemon.asked.at(0),
            R"(toy_send {"body":"hello","to":"mac2","type":"alert","wait_s":5})");
  EXPECT_EQ(out.str(), "id:    mac1.1.1\nstate: stored\n");
}

TEST_F(CliTest, json_prints_the_reply_as_it_is) {
  EXPECT_EQ(run({"send", "mac2", "hello", "--json"}), 0);
  EXPECT_EQ(out.str(), "{\"id\":\"mac1.1.1\",\"state\":\"accepted\"}\n");
  EXPECT_EQ(run({"--json", "send", "nobody", "x"}), 1);
  EXPECT_EQ(json::parse(out.str())["error"]["code"], "unknown_peer");
}

TEST_F(CliTest, a_dash_reads_the_body_from_standard_input) {
  in.str("from\nstdin");
  EXPECT_EQ(run({"send", "mac2", "-"}), 0);
  EXPECT_EQ(daemon.world.service.sent.at(0).body, "from\nstdin");
}

TEST_F(CliTest, lists_of_objects_are_tables) {
  EXPECT_EQ(run({"list", "--unread", "--limit=5"}), 0);
  EXPECT_TRUE(daemon.world.service.listed.unread);
  EXPECT_EQ(out.str(), "id  text\na   first\nb   second\n");
}

TEST_F(CliTest, a_flag_can_be_denied) {
  EXPECT_EQ(run({"list", "--unread=false"}), 0);
  EXPECT_EQ(daemon.asked.at(0), R"(toy_list {"unread":false})");
}

TEST_F(CliTest, a_refusal_is_a_sentence_and_status_one) {
  EXPECT_EQ(run({"send", "nobody", "x"}), 1);
  EXPECT_EQ(err.str(), "fleet-nerve: peer 'nobody' is not in the fleet\n");
  EXPECT_EQ(out.str(), "");
}

TEST_F(CliTest, a_wrong_line_is_status_two_and_never_reaches_the_daemon) {
  EXPECT_EQ(run({"send"}), 2);
  EXPECT_NE(err.str().find("Usage: fleet-nerve send TO [BODY]"), std::string::npos);
  EXPECT_EQ(run({"send", "mac2", "x", "--wait", "soon"}), 2);
  EXPECT_NE(err.str().find("--wait must be an integer"), std::string::npos);
  EXPECT_EQ(run({"send", "mac2", "x", "--type", "shout"}), 2);
  EXPECT_NE(err.str().find("--type must be one of context alert reply"), std::string::npos);
  EXPECT_EQ(run({"send", "mac2", "x", "y"}), 2);
  EXPECT_EQ(run({"policy"}), 2);
  EXPECT_TRUE(daemon.asked.empty());
}

TEST_F(CliTest, a_typo_is_answered_with_the_nearest_word) {
  EXPECT_EQ(run({"sned", "mac2"}), 2);
  EXPECT_NE(err.str().find("did you mean 'send'?"), std::string::npos);
  EXPECT_EQ(run({"list", "--unraed"}), 2);
  EXPECT_NE(err.str().find("did you mean '--unread'?"), std::string::npos);
  EXPECT_EQ(run({"xylophone"}), 2);
  EXPECT_EQ(err.str().find("did you mean"), std::string::npos);
}

TEST_F(CliTest, a_daemon_that_is_not_running_is_status_69) {
  daemon.down = true;
  EXPECT_EQ(run({"list"}), 69);
  EXPECT_NE(err.str().find("fleet-nerve serve"), std::string::npos);
}

TEST_F(CliTest, trust_needs_a_terminal) {
  EXPECT_EQ(run({"policy", "set", "accept"}), 1);
  tty = true;
  EXPECT_EQ(run({"policy", "set", "accept"}), 0);
  EXPECT_EQ(out.str(), "done\n");
}

TEST_F(CliTest, the_key_travels_as_a_header) {
  EXPECT_EQ(run({"send", "mac2", "x", "--key", "k1"}), 0);
  EXPECT_EQ(daemon.headers.at(0).first, "Idempotency-Key");
  EXPECT_EQ(daemon.headers.at(0).second, "k1");
}

TEST_F(CliTest, help_is_grouped_and_each_command_has_an_example) {
  EXPECT_EQ(run({"--help"}), 0);
  const std::string help = out.str();
  EXPECT_LT(help.find("Node:\n  serve"), help.find("Messages:\n  send"));
  EXPECT_NE(help.find("policy set"), std::string::npos);
  EXPECT_EQ(run({}), 0);
  EXPECT_EQ(out.str(), help);
  EXPECT_EQ(run({"send", "--help"}), 0);
  EXPECT_NE(out.str().find("Example:\n  fleet-nerve send mac2 hello"), std::string::npos);
  EXPECT_NE(out.str().find("--wait SECONDS"), std::string::npos);
  const std::string send_help = out.str();
  EXPECT_EQ(run({"help", "send"}), 0);
  EXPECT_EQ(out.str(), send_help);
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(out.str(), "fleet-nerve 0.1.0\n");
}

TEST_F(CliTest, the_apps_own_commands_get_their_options_and_their_status) {
  EXPECT_EQ(run({"--home", "/x", "serve", "--allow-root"}), 7);
  EXPECT_EQ(served, "root");
  EXPECT_EQ(home, "/x");
  EXPECT_EQ(run({"serve", "--home=/y", "a", "b"}), 7);
  EXPECT_EQ(home, "/y");
  EXPECT_EQ(rest, (std::vector<std::string>{"a", "b"}));
}

TEST_F(CliTest, a_terminal_gets_bold_headings_unless_no_color_is_set) {
  tty = true;
  EXPECT_EQ(run({"list"}), 0);
  EXPECT_NE(out.str().find("\033[1m"), std::string::npos);
}

struct Counter {
  int calls = 0;
  std::vector<json> asked;
  Task<Result<json>> events(toy::ListRequest request, catalogue::Caller) {
    asked.emplace_back(request.after.value_or(""));
    json reply = json::object();
    reply["items"] = json::array();
    if (calls < 2) {
      json item = json::object();
      item["id"] = "e" + std::to_string(++calls);
      reply["items"].push_back(std::move(item));
    }
    co_return reply;
  }
};

TEST_F(CliTest, following_goes_on_behind_the_last_item) {
  Counter counter;
  daemon.world.catalogue.add({.name = "toy_events",
                              .summary = "What happens.",
                              .cli = {.command = "events"},
                              .hints = {.read_only = true},
                              .follow = {.list = "items"}},
                             &Counter::events);
  daemon.world.catalogue.attach(counter);
  EXPECT_EQ(run({"events", "--follow"}), 0);
  EXPECT_EQ(out.str(), "e1\ne2\n");
  EXPECT_EQ(counter.asked.at(2), "e2");
}

}  // namespace
}  // namespace fleet::cli
