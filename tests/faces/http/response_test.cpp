#include "faces/http/response.h"

#include <gtest/gtest.h>

#include <string>

#include "faces/http/sse.h"

namespace fleet::http {
namespace {

std::string head_of(const Response& response, const Framing& framing = {}) {
  std::string out;
  append_head(out, response, framing);
  return out;
}

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(Response, carries_the_security_headers_always) {
  for (const Response& response :
       {Response{}, error_response(refuse(Code::not_found, "no such path"))}) {
    const std::string head = head_of(response);
    EXPECT_TRUE(has(head, "X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(has(head, "X-Frame-Options: DENY\r\n"));
    EXPECT_TRUE(has(head, "Cache-Control: no-store\r\n"));
    EXPECT_TRUE(has(head, "Cross-Origin-Resource-Policy: same-origin\r\n"));
    EXPECT_TRUE(has(head, "Referrer-Policy: no-referrer\r\n"));
    EXPECT_TRUE(has(head, "Content-Security-Policy: default-src 'none'"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  }
}

TEST(Response, lets_a_page_bring_its_own_policy_and_keeps_the_rest) {
  Response page;
  page.headers = {{"content-security-policy", "default-src 'self'"}};
  const std::string head = head_of(page);
  EXPECT_TRUE(has(head, "content-security-policy: default-src 'self'\r\n"));
  EXPECT_FALSE(has(head, "default-src 'none'"));
  EXPECT_TRUE(has(head, "X-Frame-Options: DENY\r\n"));
}

TEST(Response, drops_headers_that_would_frame_it_anew_or_open_it_to_other_origins) {
  Response response;
  response.headers = {{"Content-Length", "999"},
                      {"Transfer-Encoding", "chunked"},
                      {"Access-Control-Allow-Origin", "*"},
                      {"X-Split", "a\r\nSet-Cookie: b"},
                      {"X-Good", "yes"}};
  response.body = "{}";
  const std::string head = head_of(response);
  EXPECT_TRUE(has(head, "Content-Length: 2\r\n"));
  EXPECT_FALSE(has(head, "999"));
  EXPECT_FALSE(has(head, "chunked"));
  EXPECT_FALSE(has(head, "Access-Control"));
  EXPECT_FALSE(has(head, "Set-Cookie"));
  EXPECT_TRUE(has(head, "X-Good: yes\r\n"));
}

TEST(Response, says_how_it_ends) {
  EXPECT_FALSE(has(head_of({}), "Connection:"));
  EXPECT_TRUE(has(head_of({}, {.keep_alive = false}), "Connection: close\r\n"));
  EXPECT_TRUE(has(head_of({}, {.chunked = true}), "Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(has(head_of({}, {.chunked = true}), "Content-Length"));
  Response empty;
  empty.status = 204;
  EXPECT_FALSE(has(head_of(empty), "Content-Length"));
}

TEST(ErrorResponse, is_one_shape_of_json) {
  Error error = refuse(Code::invalid, "two fields are wrong");
  error.fields = {{"to", "is missing"}, {"ttl_s", "must be a number"}};
  EXPECT_EQ(error_json(error),
            R"({"error":{"code":"invalid","fields":[{"path":"to","problem":"is missing"},)"
            R"({"path":"ttl_s","problem":"must be a number"}],"message":"two fields are wrong"}})");
  EXPECT_EQ(error_response(error).status, 422);
  EXPECT_EQ(error_json(refuse(Code::not_found, "unknown_peer", "no 'x'")),
            R"({"error":{"code":"unknown_peer","message":"no 'x'"}})");
}

TEST(ErrorResponse, survives_bytes_that_are_no_utf8) {
  EXPECT_TRUE(has(error_json(refuse(Code::invalid, "odd \xFF byte")), "odd \xEF\xBF\xBD byte"));
}

TEST(ErrorResponse, says_when_to_come_back) {
  Error error = refuse(Code::limited, "too fast");
  error.retry_after_s = 7;
  EXPECT_TRUE(has(head_of(error_response(error)), "Retry-After: 7\r\n"));
  EXPECT_TRUE(has(head_of(error_response(error)), "HTTP/1.1 429 Too Many Requests\r\n"));
}

TEST(RefusalResponse, lists_the_methods_where_one_is_not_allowed) {
  const Refusal refusal{405, refuse(Code::malformed, "method_not_allowed", "no")};
  EXPECT_TRUE(has(head_of(refusal_response(refusal)), "Allow: GET, HEAD, POST, PUT, DELETE\r\n"));
}

TEST(Chunk, frames_a_piece_by_its_size_in_hex) {
  EXPECT_EQ(chunk("hello"), "5\r\nhello\r\n");
  EXPECT_EQ(chunk(std::string(255, 'a')).substr(0, 4), "ff\r\n");
}

TEST(Sse, writes_events_that_data_cannot_break) {
  EXPECT_EQ(sse_event("7", "message", "{}"), "id: 7\nevent: message\ndata: {}\n\n");
  EXPECT_EQ(sse_event("", "", "a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(sse_event("1\ndata: x", "e\r\n", ""), "id: 1data: x\nevent: e\ndata: \n\n");
  EXPECT_EQ(sse_retry(2000), "retry: 2000\n\n");
  EXPECT_EQ(sse_ping(), ": ping\n\n");
}

}  // namespace
}  // namespace fleet::http
