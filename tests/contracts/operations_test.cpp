// What holds for every operation of the program, whoever adds it; and docs/OPERATIONS.md is the
// catalogue's own text.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "catalogue/docs.h"
#include "services/registry.h"

namespace fleet {
namespace {

using catalogue::Access;
using catalogue::Operation;

struct WholeCatalogue : catalogue::Catalogue {
  WholeCatalogue() { describe_all(*this); }
};

class Operations : public ::testing::Test {
 protected:
  // Runs the check for each operation, under its name.
  template <class Check>
  void for_each(Check check) {
    for (const Operation& operation : all_.operations()) {
      SCOPED_TRACE(operation.spec.name);
      check(operation);
    }
  }
  WholeCatalogue all_{};
};

bool ends_a_sentence(const std::string& text) { return !text.empty() && text.back() == '.'; }

TEST_F(Operations, have_a_name_that_every_client_can_carry) {
  std::set<std::string> names;
  for_each([&](const Operation& operation) {
    const std::string& name = operation.spec.name;
    EXPECT_TRUE(name.starts_with("fleet_"));
    EXPECT_LE(name.size(), 30U);
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }));
    EXPECT_TRUE(names.insert(name).second) << "twice";
  });
  EXPECT_FALSE(names.empty());
}

TEST_F(Operations, say_in_a_sentence_what_they_do) {
  for_each([](const Operation& operation) {
    EXPECT_TRUE(ends_a_sentence(operation.spec.summary)) << operation.spec.summary;
    EXPECT_LE(operation.spec.summary.size(), 300U);
  });
}

TEST_F(Operations, describe_request_and_reply_as_json_schemas_of_an_object) {
  for_each([](const Operation& operation) {
    const nlohmann::json input = schema_of(operation.input);
    EXPECT_EQ(input.at("type"), "object");
    const nlohmann::json output = schema_of(operation.output);
    EXPECT_EQ(output.at("type"), "object");
  });
}

TEST_F(Operations, explain_every_field) {
  for_each([](const Operation& operation) {
    for (const catalogue::Shape* shape : {&operation.input, &operation.output}) {
      for (const catalogue::Field& field : shape->fields) {
        EXPECT_FALSE(field.doc.empty()) << field.name;
        EXPECT_FALSE(field.name.empty());
      }
    }
  });
}

TEST_F(Operations, share_no_route_and_no_command) {
  std::set<std::string> routes, commands;
  for_each([&](const Operation& operation) {
    const catalogue::HttpRoute& route = operation.spec.http;
    if (!route.path.empty()) {
      EXPECT_TRUE(routes.insert(route.method + " " + route.path).second);
    }
    const std::string& command = operation.spec.cli.command;
    if (!command.empty()) {
      EXPECT_TRUE(commands.insert(command).second) << command;
    }
  });
}

TEST_F(Operations, that_read_only_are_asked_by_get) {
  for_each([](const Operation& operation) {
    if (operation.spec.http.path.empty()) return;
    const std::set<std::string> known{"GET", "POST", "PUT", "DELETE"};
    EXPECT_TRUE(known.contains(operation.spec.http.method));
    if (operation.spec.hints.read_only) {
      EXPECT_EQ(operation.spec.http.method, "GET");
    }
    if (operation.spec.http.method == "GET") {
      EXPECT_TRUE(operation.spec.hints.read_only) << "a GET that would change something";
    }
  });
}

TEST_F(Operations, have_an_example_beside_their_command) {
  for_each([](const Operation& operation) {
    const catalogue::CliShape& cli = operation.spec.cli;
    if (cli.command.empty() || operation.spec.hints.internal) return;
    EXPECT_TRUE(cli.example.starts_with(cli.command)) << cli.example;
    EXPECT_FALSE(cli.group.empty());
  });
}

TEST_F(Operations, of_trust_are_for_a_person_at_a_terminal_only) {
  for (const char* name : {"fleet_invite", "fleet_policy_set"}) {
    const Operation* operation = all_.find(name);
    ASSERT_NE(operation, nullptr) << name;
    EXPECT_EQ(operation->spec.access, Access::trust) << name;
  }
  for_each([](const Operation& operation) {
    if (operation.spec.access != Access::trust || operation.spec.hints.read_only) return;
    EXPECT_TRUE(operation.spec.http.path.empty()) << "a change of trust with a route of its own";
  });
}

TEST(OperationsPage, is_what_the_catalogue_says) {
  std::ifstream file(FLEET_SOURCE_DIR "/docs/OPERATIONS.md");
  ASSERT_TRUE(file) << "docs/OPERATIONS.md is missing";
  std::ostringstream page;
  page << file.rdbuf();
  const WholeCatalogue all;
  EXPECT_TRUE(page.str() == catalogue::operations_markdown(all))
      << "docs/OPERATIONS.md is not the catalogue's; run: fleet-nerve operations > "
         "docs/OPERATIONS.md";
}

}  // namespace
}  // namespace fleet
