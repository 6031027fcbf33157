#include "faces/http/local_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fleet::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kToken = "secret-of-this-node";

Request curl(std::string method, Headers more) {
  Request request;
  request.entry = Entry::local;
  request.method = std::move(method);
  request.target = request.path = "/message";
  request.headers = {{"host", "127.0.0.1:8855"}};
  request.headers.insert(request.headers.end(), more.begin(), more.end());
  request.peer_address = "127.0.0.1";
  request.local_port = 8855;
  request.same_uid = true;
  return request;
}

int status_of(const Request& request) {
  const auto refusal = local_refusal(request, kToken);
  return refusal ? refusal->status : 200;
}

struct Row {
  const char* why;
  std::string method;
  Headers headers;
  int status;
};

TEST(LocalRules, let_in_curl_of_the_same_user_and_no_web_page_but_our_own) {
  const std::pair<std::string, std::string> json{"content-type", "application/json"};
  const std::pair<std::string, std::string> token{"x-fleet-token", std::string(kToken)};
  const std::vector<Row> rows{
      {"curl", "GET", {}, 200},
      {"curl with JSON", "POST", {json}, 200},
      {"JSON with a charset", "POST", {{"content-type", "Application/JSON; charset=utf-8"}}, 200},
      {"a form", "POST", {{"content-type", "application/x-www-form-urlencoded"}}, 415},
      {"plain text", "POST", {{"content-type", "text/plain"}}, 415},
      {"nothing said", "PUT", {}, 415},
      {"nothing said", "DELETE", {}, 415},
      {"something like JSON", "POST", {{"content-type", "application/jsonx"}}, 415},
      {"our page reads", "GET", {{"origin", "http://localhost:8855"}}, 200},
      {"our page by address", "GET", {{"origin", "http://[::1]:8855"}}, 200},
      {"our page changes", "POST", {json, {"origin", "http://127.0.0.1:8855"}}, 403},
      {"our page with its token", "POST", {json, token, {"origin", "http://127.0.0.1:8855"}}, 200},
      {"a same-origin fetch changes", "POST", {json, {"sec-fetch-site", "same-origin"}}, 403},
      {"a wrong token",
       "POST",
       {json, {"x-fleet-token", "secret-of-that-node"}, {"origin", "http://127.0.0.1:8855"}},
       403},
      {"another site", "GET", {{"origin", "http://evil.example"}}, 403},
      {"another site with the token", "POST", {json, token, {"origin", "https://evil"}}, 403},
      {"a sandboxed page", "GET", {{"origin", "null"}}, 403},
      {"an empty origin", "GET", {{"origin", ""}}, 403},
      {"another port's page", "GET", {{"origin", "http://localhost:3000"}}, 403},
      {"another scheme", "GET", {{"origin", "https://localhost:8855"}}, 403},
      {"an origin that starts like ours", "GET", {{"origin", "http://localhost:8855.evil"}}, 403},
      {"a name that starts like ours", "GET", {{"origin", "http://localhost.evil:8855"}}, 403},
      {"our own link", "GET", {{"referer", "http://localhost:8855/tasks"}}, 200},
      {"a foreign link", "GET", {{"referer", "http://evil/http://localhost:8855/"}}, 403},
      {"a link with a user", "GET", {{"referer", "http://localhost:8855@evil/"}}, 403},
      {"typed in", "GET", {{"sec-fetch-site", "none"}}, 200},
      {"a same-origin fetch", "GET", {{"sec-fetch-site", "same-origin"}}, 200},
      {"the same site, another port", "GET", {{"sec-fetch-site", "same-site"}}, 403},
      {"across sites", "GET", {{"sec-fetch-site", "cross-site"}}, 403},
      {"a proxy", "GET", {{"x-forwarded-for", "10.0.0.1"}}, 403},
      {"a proxy that names the host", "GET", {{"x-forwarded-host", "a"}}, 403},
      {"a standard proxy", "GET", {{"forwarded", "for=1.2.3.4"}}, 403},
      {"a second host", "GET", {{"host", "127.0.0.1:8855"}}, 400},
  };
  for (const Row& row : rows)
    EXPECT_EQ(status_of(curl(row.method, row.headers)), row.status) << row.why;
}

TEST(LocalRules, answer_to_loopback_names_with_our_port_or_none) {
  const std::vector<std::pair<std::string, int>> hosts{{"127.0.0.1", 200},
                                                       {"127.0.0.1:8855", 200},
                                                       {"localhost", 200},
                                                       {"LocalHost:8855", 200},
                                                       {"[::1]", 200},
                                                       {"[::1]:8855", 200},
                                                       {"127.0.0.1:80", 403},
                                                       {"localhost:", 403},
                                                       {"localhost.:8855", 403},
                                                       {"127.0.0.2", 403},
                                                       {"0.0.0.0:8855", 403},
                                                       {"::1", 403},
                                                       {"evil.example", 403},
                                                       {"evil.example:8855", 403},
                                                       {"127.0.0.1.nip.io:8855", 403},
                                                       {"localhost:08855", 403}};
  for (const auto& [host, status] : hosts) {
    Request request = curl("GET", {});
    request.headers[0].second = host;
    EXPECT_EQ(status_of(request), status) << host;
  }
}

TEST(LocalRules, need_a_host) {
  Request request = curl("GET", {});
  request.headers.clear();
  EXPECT_EQ(status_of(request), 400);
}

TEST(LocalRules, turn_another_user_away_unless_he_carries_the_token) {
  Request request = curl("GET", {});
  request.same_uid = false;
  EXPECT_EQ(status_of(request), 401);
  request.headers.emplace_back("x-fleet-token", kToken);
  EXPECT_EQ(status_of(request), 200);
  EXPECT_EQ(local_refusal(request, "")->status, 401);
}

TEST(LocalRules, take_no_empty_token_for_an_empty_one) {
  Request request = curl("GET", {{"x-fleet-token", ""}});
  request.same_uid = false;
  EXPECT_EQ(local_refusal(request, "")->status, 401);
}

TEST(LocalRules, serve_this_machine_only) {
  Request request = curl("GET", {});
  for (const char* address : {"192.168.1.4", "10.127.0.0", "::2", "unix", ""}) {
    request.peer_address = address;
    EXPECT_EQ(status_of(request), 403) << address;
  }
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    request.peer_address = address;
    EXPECT_EQ(status_of(request), 200) << address;
  }
}

TEST(LocalRules, show_the_flag_that_is_missing) {
  const auto refusal = local_refusal(curl("POST", {}), kToken);
  ASSERT_TRUE(refusal);
  EXPECT_NE(refusal->error.message.find("-H 'Content-Type: application/json'"), std::string::npos);
}

TEST(UnixRules, trust_the_kernel_about_the_user_and_ask_for_json) {
  Request request = curl("POST", {{"content-type", "application/json"}});
  request.entry = Entry::unix_socket;
  request.peer_address = "unix";
  request.headers[0].second = "/run/user/1000/fleet-nerve/sock";
  EXPECT_FALSE(unix_refusal(request));
  request.same_uid = false;
  EXPECT_EQ(unix_refusal(request)->status, 401);
  request.same_uid = true;
  request.headers.pop_back();
  EXPECT_EQ(unix_refusal(request)->status, 415);
}

}  // namespace
}  // namespace fleet::http
