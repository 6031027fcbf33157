#include "faces/http/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace fleet::http {
namespace {

using Step = RequestParser::Step;

constexpr Limits kLimits{};

// What a connection reads out of a stream of bytes that comes in pieces of one size.
struct Reading {
  std::vector<Request> requests;
  int refused = 0;  // status, or 0
};

Reading read(const std::string& bytes, std::size_t piece, const Limits& limits = kLimits) {
  Reading out;
  RequestParser parser(limits);
  std::size_t at = 0;
  Request request;
  bool in_body = false;
  while (true) {
    const Step step = in_body ? parser.body(request.body) : parser.head(request);
    if (step == Step::refused) {
      out.refused = parser.refusal().status;
      return out;
    }
    if (step == Step::ready && !in_body) {
      in_body = true;
      request.body.clear();
      continue;
    }
    if (step == Step::ready) {
      out.requests.push_back(request);
      parser.next();
      in_body = false;
      continue;
    }
    if (at == bytes.size()) return out;
    const auto room = parser.room();
    const std::size_t n = std::min({piece, room.size(), bytes.size() - at});
    std::memcpy(room.data(), bytes.data() + at, n);
    parser.filled(n);
    at += n;
  }
}

const std::string kPost =
    "POST /message?wait=1 HTTP/1.1\r\nHost: localhost:8855\r\nContent-Type:  application/json \r\n"
    "Content-Length: 11\r\n\r\n{\"to\":\"a\"}\n";
const std::string kChunked =
    "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n00000B\r\n world, you\r\n0\r\n\r\n";
const std::string kGet = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST(RequestParser, reads_a_request_with_its_headers_in_lower_case) {
  const Reading got = read(kPost, 10'000);
  ASSERT_EQ(got.requests.size(), 1U);
  const Request& request = got.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/message?wait=1");
  EXPECT_EQ(request.path, "/message");
  EXPECT_EQ(request.query, "wait=1");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("host"), "localhost:8855");
  EXPECT_EQ(request.body, "{\"to\":\"a\"}\n");
  EXPECT_FALSE(request.head_only);
}

TEST(RequestParser, reads_pipelined_requests_whatever_the_pieces) {
  const std::string all = kPost + kChunked + kGet + kPost;
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 10'000U}) {
    const Reading got = read(all, piece);
    ASSERT_EQ(got.requests.size(), 4U) << piece;
    EXPECT_EQ(got.requests[0].body, "{\"to\":\"a\"}\n");
    EXPECT_EQ(got.requests[1].body, "hello world, you");
    EXPECT_EQ(got.requests[2].path, "/health");
    EXPECT_EQ(got.requests[2].body, "");
    EXPECT_EQ(got.requests[3].headers, got.requests[0].headers);
    EXPECT_EQ(got.refused, 0);
  }
}

TEST(RequestParser, refuses_chunks_with_extensions_trailers_or_sloppy_line_ends) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> bodies{"5;x=y\r\nhello\r\n0\r\n\r\n",
                                        "5 \r\nhello\r\n0\r\n\r\n",
                                        "5\nhello\r\n0\r\n\r\n",
                                        "5\r\nhello\n0\r\n\r\n",
                                        "5\r\nhelloX\r\n0\r\n\r\n",
                                        "0\r\nTrailer: x\r\n\r\n",
                                        "\r\n",
                                        "-1\r\n",
                                        "0x5\r\nhello\r\n",
                                        "000000005\r\nhello\r\n",
                                        "g\r\n"};
  for (const std::string& body : bodies) {
    for (const std::size_t piece : {1U, 1000U}) {
      EXPECT_EQ(read(head + body, piece).refused, 400) << body;
    }
  }
}

TEST(RequestParser, holds_a_chunked_body_to_the_limit) {
  Limits small;
  small.body = 10;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + "a\r\n0123456789\r\n0\r\n\r\n", 3, small).requests.size(), 1U);
  EXPECT_EQ(read(head + "b\r\n", 3, small).refused, 413);
  EXPECT_EQ(read(head + "6\r\n012345\r\n5\r\n", 3, small).refused, 413);
  EXPECT_EQ(read(head + "ffffffff\r\n", 3, small).refused, 413);
}

TEST(RequestParser, takes_a_body_of_two_mebibytes) {
  const std::string body(kLimits.body, 'x');
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  const Reading got = read(head + body + kGet, 100'000);
  ASSERT_EQ(got.requests.size(), 2U);
  EXPECT_EQ(got.requests[0].body, body);
}

TEST(RequestParser, takes_a_head_of_the_largest_size) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 63; ++i) head += "X-Y: " + std::string(4096 - 5, 'b') + "\r\n";
  const Reading got = read(head + "\r\n", 5000);
  ASSERT_EQ(got.requests.size(), 1U);
  EXPECT_EQ(got.requests[0].headers.size(), 64U);
}

TEST(RequestParser, makes_a_get_of_head) {
  const Reading got = read("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 100);
  ASSERT_EQ(got.requests.size(), 1U);
  EXPECT_EQ(got.requests[0].method, "GET");
  EXPECT_TRUE(got.requests[0].head_only);
}

TEST(RequestParser, reads_the_path_out_of_an_absolute_target) {
  const Reading got = read("GET http://h:1/a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n", 100);
  ASSERT_EQ(got.requests.size(), 1U);
  EXPECT_EQ(got.requests[0].path, "/a");
  EXPECT_EQ(got.requests[0].query, "b=c");
}

TEST(RequestParser, knows_who_wants_to_stay) {
  const auto stays = [](const std::string& head) {
    RequestParser parser(kLimits);
    Request request;
    const auto room = parser.room();
    std::memcpy(room.data(), head.data(), head.size());
    parser.filled(head.size());
    EXPECT_EQ(parser.head(request), Step::ready);
    return parser.keep_alive();
  };
  EXPECT_TRUE(stays("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(stays(kGet));
  EXPECT_FALSE(stays("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
}

}  // namespace
}  // namespace fleet::http
