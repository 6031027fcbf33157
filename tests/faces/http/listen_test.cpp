#include "faces/http/listen.h"

#include <gtest/gtest.h>

#include <string>

namespace fleet::http {
namespace {

TEST(ListenAddress, is_a_number_with_a_port) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8855", false).value().port(), 8855);
  EXPECT_EQ(parse_listen_address("[::1]:8855", false).value().address().to_string(), "::1");
  EXPECT_EQ(parse_listen_address("localhost:1", false).value().address().to_string(), "127.0.0.1");
  for (const char* wrong : {"", ":8855", "8855", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                            "127.0.0.1:70000", "127.0.0.1:-1", "::1:8855", "[127.0.0.1]:1",
                            "host.example:8855", "127.1:8855", "0x7f000001:1", "*:8855"}) {
    const auto got = parse_listen_address(wrong, true);
    ASSERT_FALSE(got) << wrong;
    EXPECT_EQ(got.error().code, Code::config) << wrong;
  }
}

TEST(ListenAddress, is_a_wildcard_only_on_request) {
  for (const char* wildcard : {"0.0.0.0:1", "[::]:1", "[0:0::0]:1", "[::ffff:0.0.0.0]:1"}) {
    EXPECT_EQ(parse_listen_address(wildcard, false).error().code, Code::config) << wildcard;
    EXPECT_TRUE(parse_listen_address(wildcard, true).ok()) << wildcard;
  }
}

}  // namespace
}  // namespace fleet::http
