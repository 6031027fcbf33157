#include "catalogue/fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fleet/model/ids.h"

namespace fleet::catalogue {
namespace {

using nlohmann::json;

struct Inner {
  std::string body;
  template <class V>
  void fields(V& v) {
    v.required("body", body, "text", bytes_between(1, 8));
  }
};

struct Sample {
  std::string to;
  std::int8_t small = 3;
  std::uint64_t big = 0;
  double ratio = 0.5;
  bool flag = false;
  Seconds ttl{300};
  Stamp at{};
  std::string type = "context";
  std::optional<Inner> payload;
  std::vector<Inner> parts;
  std::map<std::string, int> counts;
  std::optional<std::string> next;
  MessageId ref;
  json extra;

  template <class V>
  void fields(V& v) {
    v.required("to", to, "who");
    v.optional("small", small, "a byte", between(-5, 100));
    v.optional("big", big, "a count");
    v.optional("ratio", ratio, "a share", between(0, 1));
    v.optional("flag", flag, "a switch");
    v.optional("ttl_s", ttl, "seconds");
    v.optional("at_ms", at, "when");
    v.choice("type", type, {"context", "alert"}, "kind");
    v.optional("payload", payload, "classic");
    v.optional("parts", parts, "pieces", at_most_items(2));
    v.optional("counts", counts, "by name");
    v.required("next", next, "or null");
    v.optional("ref", ref, "the id answered");
    v.optional("extra", extra, "anything");
  }
};

std::string faults(const json& value) {
  Result<Sample> sample = decode<Sample>(value);
  if (sample) return "none";
  std::string text;
  for (const FieldFault& fault : sample.error().fields) {
    text += fault.path + " " + fault.problem + "\n";
  }
  return text;
}

json good() { return json{{"to", "mac2"}, {"next", nullptr}}; }

TEST(Fields, a_request_keeps_defaults_where_nothing_is_said) {
  Result<Sample> sample = decode<Sample>(good());
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->small, 3);
  EXPECT_EQ(sample->ttl, Seconds{300});
  EXPECT_EQ(sample->next, std::nullopt);
}

TEST(Fields, what_is_encoded_decodes_to_the_same) {
  const json text = json::parse(R"({"at_ms":5,"big":18446744073709551615,"counts":{"a":1},
    "extra":{"k":[1]},"flag":true,"next":"n","parts":[{"body":"x"},{"body":"y"}],
    "payload":{"body":"z"},"ratio":0.25,"ref":"mac1.00f3a9c2b4d5e6f7.42","small":-5,"to":"mac2",
    "ttl_s":9,"type":"alert"})");
  Result<Sample> sample = decode<Sample>(text);
  ASSERT_TRUE(sample.ok()) << sample.error().message;
  json again;
  encode_into(again, sample.value());
  EXPECT_EQ(again, text);
}

TEST(Fields, every_fault_is_named_at_once) {
  json bad = json::parse(R"({"small":200,"big":-1,"ratio":2,"flag":"yes","ttl_s":-1,"type":"x",
    "payload":{"body":7,"odd":1},"parts":[{"body":""}],"counts":{"a":"b"},"ref":"nonsense",
    "colour":1})");
  EXPECT_EQ(faults(bad),
            "to is missing\n"
            "small must be between -5 and 100\n"
            "big must not be negative\n"
            "ratio must be between 0 and 1\n"
            "flag must be true or false\n"
            "ttl_s must be between 0 and 3153600000\n"
            "type must be one of context, alert\n"
            "payload.body must be a string\n"
            "payload.odd is not a field of this request\n"
            "parts[0].body must not be empty\n"
            "counts.a must be an integer\n"
            "next is missing\n"
            "ref is not well formed\n"
            "colour is not a field of this request\n");
}

TEST(Fields, numbers_are_not_stretched_into_other_numbers) {
  json request = good();
  request["small"] = 5.5;
  EXPECT_EQ(faults(request), "small must be an integer\n");
  request["small"] = 5.0;
  EXPECT_EQ(faults(request), "none");
  request["small"] = json::parse("1e300");
  EXPECT_EQ(faults(request), "small must be an integer\n");
  request["small"] = json::parse("18446744073709551615");
  EXPECT_EQ(faults(request), "small must be between -5 and 100\n");
}

TEST(Fields, too_long_alone_is_too_large_and_not_invalid) {
  json request = good();
  request["payload"] = json{{"body", "123456789"}};
  EXPECT_EQ(decode<Sample>(request).error().code, Code::too_large);
  request["flag"] = 1;
  EXPECT_EQ(decode<Sample>(request).error().code, Code::invalid);
}

TEST(Fields, a_request_that_is_no_object_says_so) {
  EXPECT_EQ(faults(json::array()), " must be a JSON object\n");
  EXPECT_EQ(decode<Sample>(json("x")).error().message, "request must be a JSON object");
}

TEST(Fields, a_thousand_unknown_fields_get_a_readable_answer) {
  json request = good();
  for (int i = 0; i < 1000; ++i) request["k" + std::to_string(i)] = i;
  EXPECT_EQ(decode<Sample>(request).error().fields.size(), 20U);
}

TEST(Fields, unknown_fields_can_be_ignored_where_a_newer_peer_may_speak) {
  json request = good();
  request["colour"] = 1;
  EXPECT_TRUE(decode<Sample>(request, Unknown::ignore).ok());
}

TEST(Schema, is_read_off_the_same_list) {
  const json schema = schema_of(shape_of<Sample>());
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["required"], (json{"to", "next"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  const json& properties = schema["properties"];
  EXPECT_EQ(properties["small"], json::parse(R"({"type":"integer","minimum":-5,"maximum":100,
    "description":"a byte","default":3})"));
  EXPECT_EQ(properties["type"]["enum"], (json{"context", "alert"}));
  EXPECT_EQ(properties["next"]["type"], (json{"string", "null"}));
  EXPECT_EQ(properties["payload"]["type"], "object");
  EXPECT_EQ(properties["parts"]["items"]["properties"]["body"]["maxLength"], 8);
  EXPECT_EQ(properties["counts"]["additionalProperties"]["type"], "integer");
  EXPECT_FALSE(properties["extra"].contains("type"));
}

TEST(Shape, words_become_values_of_the_right_type) {
  const Shape shape = shape_of<Sample>();
  const auto value = [&](const char* field, const char* text) {
    return value_from_text(shape.find(field)->shape, field, text);
  };
  EXPECT_EQ(*value("flag", "1"), true);
  EXPECT_EQ(*value("flag", "false"), false);
  EXPECT_EQ(*value("small", "-4"), -4);
  EXPECT_EQ(*value("ratio", "0.5"), 0.5);
  EXPECT_EQ(*value("to", "12"), "12");
  EXPECT_EQ(*value("extra", "{\"a\":1}"), (json{{"a", 1}}));
  EXPECT_EQ(*value("extra", "plain"), "plain");
  EXPECT_EQ(value("small", "4x").error().fields.at(0).path, "small");
  EXPECT_EQ(value("payload", "{").error().code, Code::invalid);
}

TEST(Shape, is_described_in_one_line) {
  const Shape shape = shape_of<Sample>();
  EXPECT_EQ(describe_shape(*shape.find("small")), "integer, -5 to 100, default 3");
  EXPECT_EQ(describe_shape(*shape.find("type")), "context | alert, default \"context\"");
}

}  // namespace
}  // namespace fleet::catalogue
