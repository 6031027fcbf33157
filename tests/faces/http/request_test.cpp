#include "faces/http/request.h"

#include <gtest/gtest.h>

namespace fleet::http {
namespace {

TEST(Request, decodes_query_values) {
  Request request;
  request.query = "a=1&b=x%20y+z&flag&empty=&%63=d%26e&a=2";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y z");
  EXPECT_EQ(request.query_value("flag"), "");
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_EQ(request.query_value("c"), "d&e");
  EXPECT_EQ(request.query_value("missing"), std::nullopt);
}

TEST(Request, survives_odd_queries) {
  Request request;
  for (const char* query : {"", "&", "&&=&", "=", "%", "a=%", "a=%4", "a=%zz", "a=%00"}) {
    request.query = query;
    EXPECT_EQ(request.query_value("a"), std::nullopt) << query;
  }
}

TEST(Request, finds_the_first_header_of_a_name) {
  Request request;
  request.headers = {{"accept", "a"}, {"accept", "b"}, {"x-empty", ""}};
  EXPECT_EQ(request.header("accept"), "a");
  EXPECT_EQ(request.header("absent"), "");
  EXPECT_TRUE(request.has_header("x-empty"));
  EXPECT_FALSE(request.has_header("absent"));
}

TEST(PercentDecode, leaves_plus_alone_in_a_path) {
  EXPECT_EQ(percent_decode("a+b%2Fc"), "a+b/c");
  EXPECT_EQ(query_decode("a+b%2fc"), "a b/c");
  EXPECT_EQ(percent_decode("100%"), std::nullopt);
  EXPECT_EQ(percent_decode("%e2%82%ac"), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace fleet::http
