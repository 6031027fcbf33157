#include "services/offers/transcript.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/offers/rules.h"

namespace fleet::offers {
namespace {

using nlohmann::json;
const std::string kTag = "3f9c2a7be01d4456";

std::string sample(const std::string& version, const std::string& name) {
  std::ifstream file(std::string(FLEET_SOURCE_DIR) + "/tests/e2e/samples/claude-" + version + "/" +
                     name + ".jsonl");
  std::stringstream bytes;
  bytes << file.rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << name;
  return bytes.str();
}

std::string session_of(const std::string& lines) {
  return json::parse(lines.substr(0, lines.find('\n'))).at("sessionId").get<std::string>();
}

std::string told(const std::vector<Proof>& proofs) {
  std::string text;
  for (const Proof& proof : proofs) {
    if (proof.what == Proof::What::shown) text += "shown " + proof.tag + " " + proof.id + "\n";
    if (proof.what == Proof::What::answered) text += "answered " + proof.prompt + "\n";
    if (proof.what == Proof::What::blocked) text += "blocked " + std::to_string(proof.at.ms) + "\n";
  }
  return text;
}

std::string proofs_of(const std::string& lines) {
  return told(TranscriptReader(session_of(lines)).feed(lines));
}

struct Samples : testing::TestWithParam<std::string> {
  std::string shown(const char* last) {
    return "shown " + kTag + " 01JD0A1B2C3D4E5F6G7H8J9K0" + last + "\n";
  }
};

TEST_P(Samples, what_both_hooks_put_before_the_model_is_shown_and_then_answered) {
  const std::string lines = sample(GetParam(), "shown");
  const std::string prompt = GetParam() == "2.1.330" ? "4ba3ab86-1054-4e49-9e8a-1ef7af32156a"
                                                     : "d9be6625-e31e-4d31-a4a9-645bc006b7ad";
  EXPECT_EQ(proofs_of(lines), shown("M") + shown("N") + "answered " + prompt + "\n");
}

TEST_P(Samples, what_came_in_the_middle_of_a_turn_is_shown) {
  EXPECT_EQ(proofs_of(sample(GetParam(), "mid-turn")), shown("M"));
}

TEST_P(Samples, of_a_preview_only_what_stands_whole_in_it_is_shown) {
  EXPECT_EQ(proofs_of(sample(GetParam(), "too-large")), shown("M") + shown("N"));
  std::string lines = sample(GetParam(), "too-large");
  for (std::size_t at; (at = lines.find("</fleet-")) != lines.npos;)
    lines.replace(at, 8, "xxxxxxxx");
  EXPECT_EQ(proofs_of(lines), "");
}

TEST_P(Samples, what_a_timed_out_hook_printed_is_not_shown) {
  EXPECT_EQ(proofs_of(sample(GetParam(), "timed-out")), "");
}

TEST_P(Samples, a_blocked_prompt_is_told_with_its_time) {
  const std::string when = GetParam() == "2.1.330" ? "1795348364896" : "1795348370768";
  EXPECT_EQ(proofs_of(sample(GetParam(), "blocked")), "blocked " + when + "\n");
}

TEST_P(Samples, lines_of_another_session_prove_nothing) {
  const std::string lines = sample(GetParam(), "shown");
  EXPECT_EQ(told(TranscriptReader("another").feed(lines)), "");
}

TEST_P(Samples, the_same_is_read_in_pieces_of_any_size) {
  const std::string lines = sample(GetParam(), "shown");
  const std::string whole = proofs_of(lines);
  for (const std::size_t size : {1, 7, 1'000}) {
    TranscriptReader reader(session_of(lines));
    std::string read;
    for (std::size_t at = 0; at < lines.size(); at += size) {
      read += told(reader.feed(std::string_view(lines).substr(at, size)));
    }
    EXPECT_EQ(read, whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Claude, Samples, testing::Values("2.1.197", "2.1.330"),
                         [](const auto& named) {
                           return named.param == "2.1.330" ? std::string("current")
                                                           : std::string("oldest");
                         });

const std::string kBlock =
    fence_open(kTag, "mac1.1.1") + " from=\"mac1\">\n| hi\n" + fence_close(kTag);

std::string read(json line) {
  line["sessionId"] = "s";
  return told(TranscriptReader("s").feed(line.dump() + "\n"));
}

TEST(Transcript, a_pushed_text_in_a_user_line_is_shown_and_a_quoting_tool_result_is_not) {
  const std::string shown = "shown " + kTag + " mac1.1.1\n";
  EXPECT_EQ(read({{"type", "user"}, {"message", {{"content", kBlock}}}}), shown);
  const json part = {{"type", "text"}, {"text", kBlock}};
  EXPECT_EQ(read({{"type", "user"}, {"message", {{"content", {part}}}}}), shown);
  const json result = {{"type", "tool_result"}, {"content", kBlock}};
  EXPECT_EQ(read({{"type", "user"}, {"message", {{"content", {result}}}}}), "");
}

TEST(Transcript, what_is_queued_printed_answered_or_a_subagents_is_no_evidence) {
  const json hook = {{"type", "hook_success"}, {"stdout", kBlock}, {"content", {kBlock}}};
  EXPECT_EQ(read({{"type", "attachment"}, {"attachment", hook}}), "");
  EXPECT_EQ(read({{"type", "queue-operation"}, {"content", kBlock}}), "");
  EXPECT_EQ(read({{"type", "prompt_snapshot"}, {"content", kBlock}}), "");
  EXPECT_EQ(read({{"type", "assistant"}, {"message", {{"content", kBlock}}}}), "");
  EXPECT_EQ(read({{"type", "user"}, {"isSidechain", true}, {"message", {{"content", kBlock}}}}),
            "");
}

TEST(Transcript, survives_what_is_broken_foreign_or_huge) {
  TranscriptReader reader("s");
  const json good = {{"type", "user"}, {"sessionId", "s"}, {"message", {{"content", kBlock}}}};
  std::string lines = "{\"type\":\"user\",\n\n[1,2]\n\"type\":\"user\"\n\x00\xff\xfe{}\n";
  lines += json{{"type", "user"}, {"message", 7}, {"sessionId", "s"}}.dump() + "\n";
  lines += json{{"type", 7}, {"sessionId", "s"}, {"a", "hook_additional_context"}}.dump() + "\n";
  lines += "{\"type\":\"user\"," + std::string(TranscriptReader::kMaxLine, 'x') + "\n";
  lines += std::string(200'000, '[') + "\"type\":\"user\"\n";
  lines += good.dump();
  EXPECT_EQ(told(reader.feed(lines)), "");  // the last line is cut
  EXPECT_EQ(told(reader.feed("\n")), "shown " + kTag + " mac1.1.1\n");
}

TEST(Transcript, reads_the_clients_times_and_nothing_else) {
  EXPECT_EQ(read_iso_time("1970-01-02T00:00:01.500Z").ms, 86'401'500);
  EXPECT_EQ(read_iso_time("2026-13-22T11:52:44.896Z").ms, 0);
  EXPECT_EQ(read_iso_time("yesterday").ms, 0);
  EXPECT_EQ(read_iso_time("").ms, 0);
}

}  // namespace
}  // namespace fleet::offers
