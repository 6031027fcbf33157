#include "catalogue/docs.h"

#include <gtest/gtest.h>

#include "support/toy_catalogue.h"

namespace fleet::catalogue {
namespace {

TEST(Docs, every_operation_is_described_with_its_roads_and_fields) {
  toy::World world;
  const std::string text = operations_markdown(world.catalogue);
  EXPECT_NE(text.find("## toy_send"), std::string::npos);
  EXPECT_NE(text.find("`POST /toys` · `POST /op/toy_send` · `fleet-nerve send`"),
            std::string::npos);
  EXPECT_NE(text.find("| `type` | context \\| alert \\| reply, default \"context\" |  |"),
            std::string::npos);
  EXPECT_NE(text.find("| `payload.body` | text | yes | the text |"), std::string::npos);
  EXPECT_NE(text.find("| `items[].id` |"), std::string::npos);
  EXPECT_NE(text.find("For a person at a terminal of this machine."), std::string::npos);
}

}  // namespace
}  // namespace fleet::catalogue
