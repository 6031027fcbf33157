#include "faces/http/scan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fleet::http {
namespace {

using State = HeadScan::State;

constexpr Limits kLimits{};

int status_of(const std::string& head) {
  HeadScan scan(kLimits);
  switch (scan.advance(head)) {
    case State::complete:
      return 200;
    case State::more:
      return 0;
    case State::refused:
      return scan.refusal().status;
  }
  return -1;
}

std::string with(const std::string& headers) {
  return "POST /message HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

struct Row {
  const char* why;
  std::string head;
  int status;
};

TEST(HeadScan, refuses_every_spelling_that_two_readers_could_understand_differently) {
  const std::vector<Row> rows{
      {"plain", with(""), 200},
      {"one length", with("Content-Length: 5\r\n"), 200},
      {"chunked", with("Transfer-Encoding: chunked\r\n"), 200},
      {"chunked in capitals", with("Transfer-Encoding: CHUNKED\r\n"), 200},
      {"length and coding", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"two lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two equal lengths", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", with("Content-Length: 2, 2\r\n"), 400},
      {"a signed length", with("Content-Length: +5\r\n"), 400},
      {"a hex length", with("Content-Length: 0x5\r\n"), 400},
      {"an empty length", with("Content-Length:\r\n"), 400},
      {"a length that overflows", with("Content-Length: 18446744073709551617\r\n"), 400},
      {"a length over the limit", with("Content-Length: 2097153\r\n"), 413},
      {"a coding that looks like chunked", with("Transfer-Encoding: xchunked\r\n"), 400},
      {"a list of codings", with("Transfer-Encoding: gzip, chunked\r\n"), 400},
      {"two codings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunked with a vertical tab", with("Transfer-Encoding: \vchunked\r\n"), 400},
      {"a space before the colon", with("Content-Length : 5\r\n"), 400},
      {"a folded header", with("X-A: b\r\n c\r\n"), 400},
      {"a folded header with a tab", with("X-A: b\r\n\tc\r\n"), 400},
      {"no colon", with("Nonsense\r\n"), 400},
      {"no name", with(": x\r\n"), 400},
      {"a name with a space", with("X A: b\r\n"), 400},
      {"a bare CR in a value", with("X-A: b\rc\r\n"), 400},
      {"a NUL in a value", with(std::string("X-A: b\0c\r\n", 10)), 400},
      {"a bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"a bare LF in the middle", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
      {"two Hosts", with("Host: localhost\r\n"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a list in Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a user in Host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"an own authority", "GET http://a:1/x HTTP/1.1\r\nHost: a:1\r\n\r\n", 200},
      {"a foreign authority", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an authority with a user", "GET http://a@b/x HTTP/1.1\r\nHost: b\r\n\r\n", 400},
      {"another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no slash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment", "GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space in the target", "GET /x y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a high byte in the target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a broken escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a cut escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an escaped NUL", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"another version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"lower-case protocol", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 200},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TLS", "\x16\x03\x01\x02", 400},
      {"a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405},
      {"OPTIONS", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"OPTIONS of everything", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"a made-up method", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"a lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"an upgrade", with("Connection: Upgrade\r\nUpgrade: websocket\r\n"), 400},
      {"an HTTP/2 upgrade", with("HTTP2-Settings: AAMA\r\n"), 400},
      {"100-continue", with("Expect: 100-continue\r\nContent-Length: 1\r\n"), 200},
      {"another expectation", with("Expect: a-pony\r\n"), 417},
      {"two Authorizations", with("Authorization: a\r\nAuthorization: b\r\n"), 400},
      {"two Origins", with("Origin: http://localhost\r\nOrigin: http://evil\r\n"), 400},
      {"a repeated harmless header", with("Accept: a\r\nAccept: b\r\n"), 200},
      {"UTF-8 in a value", with("X-Name: \xC3\xA9\r\n"), 200},
  };
  for (const Row& row : rows) EXPECT_EQ(status_of(row.head), row.status) << row.why;
}

TEST(HeadScan, says_the_same_however_the_bytes_drip_in) {
  const std::vector<std::string> heads{with("Content-Length: 5\r\nAccept: */*\r\n"),
                                       with("Content-Length: 5\r\nContent-Length: 5\r\n"),
                                       "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n",
                                       "GET / HTTP/1.1\nHost: a\n\n"};
  for (const std::string& head : heads) {
    HeadScan scan(kLimits);
    State state = State::more;
    for (std::size_t n = 1; n <= head.size() && state == State::more; ++n) {
      // A fresh copy each time: the scan may keep no view into an earlier one.
      const std::string so_far = head.substr(0, n);
      state = scan.advance(so_far);
    }
    const int status = state == State::complete ? 200 : scan.refusal().status;
    EXPECT_EQ(status, status_of(head)) << head;
  }
}

TEST(HeadScan, takes_a_request_line_of_the_limit_and_not_a_byte_more) {
  const auto line = [](std::size_t size) {
    const std::string rest = "GET / HTTP/1.1";
    return "GET /" + std::string(size - rest.size(), 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  EXPECT_EQ(status_of(line(2048)), 200);
  EXPECT_EQ(status_of(line(2049)), 414);
}

TEST(HeadScan, calls_a_line_too_long_before_it_calls_it_broken) {
  EXPECT_EQ(status_of("GET /" + std::string(3000, 'a') + "\n"), 414);
}

TEST(HeadScan, refuses_an_endless_line_before_it_ends) {
  EXPECT_EQ(status_of("GET /" + std::string(2048, 'a')), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(4096, 'a')), 431);
}

TEST(HeadScan, takes_sixty_four_headers_of_four_kibibytes) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 63; ++i) head += "X-Y: " + std::string(4096 - 5, 'b') + "\r\n";
  EXPECT_EQ(status_of(head + "\r\n"), 200);
  EXPECT_EQ((head + "\r\n").size() <= kLimits.head(), true);
  EXPECT_EQ(status_of(head + "One: more\r\n\r\n"), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX-Y: " + std::string(4096 - 4, 'b') + "\r\n"), 431);
}

TEST(HeadScan, stops_at_the_sixty_fifth_of_a_hundred_thousand_headers) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100'000; ++i) head += "A: b\r\n";
  EXPECT_EQ(status_of(head), 431);
}

TEST(HeadScan, ends_the_head_at_the_empty_line) {
  HeadScan scan(kLimits);
  const std::string head = with("Content-Length: 3\r\n");
  ASSERT_EQ(scan.advance(head + "abcGET /next"), State::complete);
  EXPECT_EQ(scan.head_size(), head.size());
  EXPECT_EQ(scan.fields(), 2U);
  EXPECT_EQ(scan.content_length(), 3U);
}

TEST(SplitTarget, knows_origin_form_and_absolute_form) {
  const auto plain = split_target("/a/b?c=d?e");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->path, "/a/b");
  EXPECT_EQ(plain->query, "c=d?e");
  const auto absolute = split_target("HTTP://h:1?q");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->authority, "h:1");
  EXPECT_EQ(absolute->path, "/");
  EXPECT_EQ(absolute->query, "q");
  EXPECT_FALSE(split_target("*"));
  EXPECT_FALSE(split_target(""));
  EXPECT_FALSE(split_target("http:///x"));
}

}  // namespace
}  // namespace fleet::http
