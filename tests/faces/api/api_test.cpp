#include "faces/http/api.h"

#include <gtest/gtest.h>

#include "support/toy_catalogue.h"

namespace fleet::http {
namespace {

using nlohmann::json;

struct FeedService {
  Task<Result<json>> events(toy::ListRequest, catalogue::Caller) {
    json reply = json::object();
    reply["events"] = json::array();
    reply["cursor"] = 0;
    co_return reply;
  }
};

struct ApiTest : testing::Test {
  toy::World world;
  FeedService feed;
  catalogue::EventStream events{world.clock, 100};
  std::unique_ptr<Api> api;

  ApiTest() {
    world.catalogue.add({.name = "toy_events",
                         .summary = "What happens.",
                         .http = {"GET", "/events"},
                         .follow = {.list = "events", .cursor = "cursor", .sse = true}},
                        &FeedService::events);
    world.catalogue.attach(feed);
    api =
        std::make_unique<Api>(Api::Needs{world.catalogue, *world.dispatcher, events, world.clock});
  }
  static Request request(std::string method, std::string path, std::string body = "") {
    Request out;
    out.entry = Entry::local;
    out.same_uid = true;
    out.method = std::move(method);
    const std::size_t mark = path.find('?');
    out.path = path.substr(0, mark);
    if (mark != path.npos) out.query = path.substr(mark + 1);
    out.body = std::move(body);
    return out;
  }
  Response ask(Request ready) {
    if (std::optional<Response> refusal = api->admit(ready)) return std::move(*refusal);
    auto task = api->handle(std::move(ready));
    return std::move(*toy::run(world.loop, std::move(task)));
  }
  Response ask(std::string method, std::string path, std::string body = "") {
    return ask(request(std::move(method), std::move(path), std::move(body)));
  }
  static std::string code_of(const Response& response) {
    return json::parse(response.body)["error"]["code"];
  }
};

TEST_F(ApiTest, a_rest_path_runs_its_operation) {
  const Response response = ask("POST", "/toys", R"({"to":"mac2","payload":{"body":"hi"}})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(json::parse(response.body)["id"], "mac1.1.1");
  EXPECT_EQ(world.service.sent.at(0).payload->body, "hi");
}

TEST_F(ApiTest, the_spec_decides_the_status_of_a_success) {
  EXPECT_EQ(ask("POST", "/toys", R"({"to":"mac2","wait_s":5})").status, 200);
}

TEST_F(ApiTest, any_operation_runs_under_op) {
  EXPECT_EQ(ask("POST", "/op/toy_list", R"({"limit":5})").status, 200);
  EXPECT_EQ(world.service.listed.limit, 5);
  EXPECT_EQ(ask("POST", "/op/toy_list").status, 200);
  EXPECT_EQ(code_of(ask("POST", "/op/toy_fly", "{}")), "unknown_operation");
}

TEST_F(ApiTest, query_parameters_get_their_types_from_the_schema) {
  EXPECT_EQ(ask("GET", "/toys?unread=1&limit=5&after=12").status, 200);
  EXPECT_TRUE(world.service.listed.unread);
  EXPECT_EQ(world.service.listed.limit, 5);
  EXPECT_EQ(world.service.listed.after, "12");
}

TEST_F(ApiTest, every_wrong_query_parameter_is_named) {
  const Response response = ask("GET", "/toys?limit=five&unread=maybe");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(json::parse(response.body)["error"]["fields"].size(), 2U);
  EXPECT_EQ(ask("GET", "/toys?colour=red").status, 422);
  EXPECT_EQ(ask("GET", "/toys?limit=5&limit=6").status, 422);
  EXPECT_EQ(ask("GET", "/toys?limit=%zz").status, 400);
}

TEST_F(ApiTest, a_name_in_the_path_is_decoded_and_a_literal_path_wins) {
  EXPECT_EQ(json::parse(ask("GET", "/toys/a%2Fb").body)["id"], "a/b");
  EXPECT_EQ(ask("GET", "/toys/%zz").status, 404);
  EXPECT_EQ(code_of(ask("POST", "/toys/policy", R"({"state":"accept"})")), "not_allowed");
}

TEST_F(ApiTest, an_unknown_path_is_404_and_a_wrong_method_405_with_allow) {
  EXPECT_EQ(ask("GET", "/nowhere").status, 404);
  const Response response = ask("DELETE", "/toys");
  EXPECT_EQ(response.status, 405);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Allow");
  EXPECT_EQ(response.headers[0].second, "POST, GET, HEAD");
  EXPECT_EQ(ask("GET", "/op/toy_list").status, 405);
}

TEST_F(ApiTest, broken_json_is_400_and_wrong_fields_are_422) {
  EXPECT_EQ(ask("POST", "/toys", "{").status, 400);
  EXPECT_EQ(ask("POST", "/toys", R"({"to":"a","to":"b"})").status, 400);
  EXPECT_EQ(ask("POST", "/toys", "[]").status, 422);
  EXPECT_EQ(ask("POST", "/toys", R"({"to":7,"x":1})").status, 422);
  EXPECT_EQ(ask("POST", "/toys", R"({"to":"a","body":")" + std::string(101, 'x') + "\"}").status,
            413);
  EXPECT_EQ(ask("POST", "/toys?to=a", "{}").status, 422);
  EXPECT_TRUE(world.service.sent.empty());
}

TEST_F(ApiTest, refusals_and_faults_have_their_own_status) {
  EXPECT_EQ(ask("POST", "/toys", R"({"to":"nobody"})").status, 404);
  EXPECT_EQ(ask("POST", "/toys", R"({"to":"crash"})").status, 503);
}

TEST_F(ApiTest, the_callers_headers_reach_the_handler) {
  Request ready = request("POST", "/toys", R"({"to":"a"})");
  ready.headers = {{"idempotency-key", "k1"}, {"x-fleet-session", "s1"}};
  ask(ready);
  EXPECT_EQ(world.service.callers.at(0).idempotency_key, "k1");
  EXPECT_EQ(world.service.callers.at(0).session, "s1");
  EXPECT_EQ(world.service.callers.at(0).kind, catalogue::Caller::Kind::session);
  ready.headers = {{"idempotency-key", std::string(201, 'k')}};
  EXPECT_EQ(ask(ready).status, 422);
}

TEST_F(ApiTest, only_a_terminal_at_the_unix_socket_may_change_trust) {
  Request ready = request("POST", "/toys/policy", R"({"state":"accept"})");
  ready.headers = {{"x-fleet-tty", "1"}};
  EXPECT_EQ(ask(ready).status, 403);
  ready.entry = Entry::unix_socket;
  EXPECT_EQ(ask(ready).status, 200);
  ready.same_uid = false;
  EXPECT_EQ(ask(ready).status, 403);
}

TEST_F(ApiTest, a_stranger_learns_only_that_somebody_is_there) {
  Request ready = request("GET", "/health");
  ready.entry = Entry::remote;
  EXPECT_EQ(ask(ready).body, R"({"ok":true})");
  for (const char* path : {"/toys", "/nowhere", "/openapi.json"}) {
    ready.path = path;
    EXPECT_EQ(ask(ready).status, 401);
  }
}

TEST_F(ApiTest, a_signed_peer_reaches_what_is_for_peers_and_no_page) {
  const catalogue::Caller peer{catalogue::Caller::Kind::peer, "mac2"};
  const auto status = [&](const char* path) {
    auto task = api->answer(request("GET", path), peer);
    return toy::run(world.loop, std::move(task))->status;
  };
  EXPECT_EQ(status("/toys"), 200);
  EXPECT_EQ(status("/toys/a"), 403);
  EXPECT_EQ(status("/openapi.json"), 404);
  EXPECT_EQ(status("/health"), 200);
}

TEST_F(ApiTest, the_openapi_document_lists_both_forms) {
  const json document = json::parse(ask("GET", "/openapi.json").body);
  EXPECT_EQ(document["paths"]["/toys/{id}"]["get"]["parameters"][0]["in"], "path");
  EXPECT_TRUE(document["paths"].contains("/op/toy_send"));
}

TEST_F(ApiTest, pages_beside_the_catalogue_have_paths_of_their_own) {
  api->page("GET", "/metrics", [](Request) -> Task<Response> {
    Response response;
    response.body = "m 1";
    co_return response;
  });
  EXPECT_EQ(ask("GET", "/metrics").body, "m 1");
  EXPECT_THROW(api->page("GET", "/toys", {}), std::logic_error);
}

struct Reader final : StreamWriter {
  std::vector<std::string> pieces;
  std::function<void()> on_gone;
  bool left = false;
  Task<bool> write(std::string piece) override {
    pieces.push_back(std::move(piece));
    co_return !left;
  }
  bool gone() const override { return left; }
  void when_gone(std::function<void()> what) override { on_gone = std::move(what); }
};

struct FeedTest : ApiTest {
  Reader reader;
  bool ended = false;
  Response response;

  void open(Request ready) {
    ready.headers.emplace_back("accept", "text/event-stream");
    response = ask(std::move(ready));
    ASSERT_TRUE(response.stream);
    auto watch = [](Task<void> feed_task, bool* flag) -> Task<void> {
      co_await std::move(feed_task);
      *flag = true;
    };
    asio::co_spawn(world.loop, watch(response.stream(reader), &ended), asio::detached);
    turn();
  }
  void turn() {
    world.loop.restart();
    world.loop.poll();
  }
};

TEST_F(FeedTest, a_reader_gets_what_is_new_with_its_cursor_as_id) {
  events.publish("old", json::object());
  open(request("GET", "/events"));
  EXPECT_EQ(response.content_type, "text/event-stream");
  events.publish("message.stored", json{{"id", "x"}});
  turn();
  ASSERT_EQ(reader.pieces.size(), 2U);
  EXPECT_NE(reader.pieces[0].find("retry: "), std::string::npos);
  EXPECT_NE(reader.pieces[1].find("id: 2\n"), std::string::npos);
  EXPECT_NE(reader.pieces[1].find("event: message.stored\n"), std::string::npos);
}

TEST_F(FeedTest, a_reader_that_comes_back_goes_on_after_its_last_event) {
  for (int i = 0; i < 3; ++i) events.publish("a", json::object());
  Request ready = request("GET", "/events?after=0&types=a");
  ready.headers.emplace_back("last-event-id", "2");
  open(std::move(ready));
  ASSERT_EQ(reader.pieces.size(), 2U);
  EXPECT_EQ(reader.pieces[1].find("id: 2\n"), std::string::npos);
  EXPECT_NE(reader.pieces[1].find("id: 3\n"), std::string::npos);
}

TEST_F(FeedTest, silence_is_filled_with_a_ping_every_fifteen_seconds) {
  open(request("GET", "/events"));
  world.clock.advance(Micros(Seconds{14}));
  turn();
  EXPECT_EQ(reader.pieces.size(), 1U);
  world.clock.advance(Micros(Seconds{1}));
  turn();
  ASSERT_EQ(reader.pieces.size(), 2U);
  EXPECT_EQ(reader.pieces[1].front(), ':');
}

TEST_F(FeedTest, a_reader_that_has_gone_ends_the_coroutine_at_once) {
  open(request("GET", "/events"));
  reader.left = true;
  reader.on_gone();
  turn();
  EXPECT_TRUE(ended);
}

TEST_F(FeedTest, a_slow_reader_is_told_how_much_it_lost) {
  for (int i = 0; i < 150; ++i) events.publish("a", json::object());
  open(request("GET", "/events?after=10"));
  EXPECT_NE(reader.pieces[1].find("event: lost\ndata: {\"lost\":40}"), std::string::npos);
}

TEST_F(FeedTest, without_the_accept_header_the_operation_answers) {
  EXPECT_EQ(ask("GET", "/events").body, R"({"cursor":0,"events":[]})");
  Request ready = request("GET", "/events?after=x");
  ready.headers.emplace_back("accept", "text/event-stream");
  EXPECT_EQ(ask(std::move(ready)).status, 422);
}

}  // namespace
}  // namespace fleet::http
