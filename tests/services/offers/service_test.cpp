#include "services/offers/service.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fleet/base/crypto.h"
#include "fleet/base/plant.h"
#include "services/offers/rules.h"
#include "services/trust/policy.h"
#include "store/open.h"
#include "support/fake_crypto.h"
#include "support/toy_catalogue.h"

namespace fleet::offers {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// Transcripts in memory.
class Disk final : public TranscriptFiles {
 public:
  Task<Result<io::FileTail>> read(std::string path, std::uint64_t from, std::size_t cap) override {
    ++reads;
    const auto found = files.find(path);
    if (found == files.end()) co_return refuse(Code::not_found, "not there");
    io::FileTail tail;
    tail.size = found->second.size();
    if (from < tail.size) tail.bytes = found->second.substr(from, cap);
    co_return tail;
  }
  std::map<std::string, std::string> files{};
  int reads = 0;
};

trust::Identity identity(const Crypto& crypto) {
  const auto seed = [](char c) { return Secret::copy_of(std::string(32, c)); };
  return {"mac1", crypto.signing_key(seed('s')), crypto.box_key(seed('b'))};
}

store::Migrations migrations() {
  store::Migrations all = inbox::kMigrations;
  all.insert(all.end(), kMigrations.begin(), kMigrations.end());
  return all;
}

struct OfferTest : testing::Test {
  asio::io_context loop{};
  toy::StillClock clock{};
  SeededRng rng{7};
  std::unique_ptr<store::Database> db =
      store::open_inline(":memory:", loop.get_executor(), migrations());
  test::FakeCrypto crypto{};
  trust::Membership membership{crypto, identity(crypto), Roster{}};
  trust::Policy policy{};
  catalogue::EventStream events{clock};
  inbox::InboxService inbox{
      {loop.get_executor(), clock, *db, membership, policy, crypto, events, 1}};
  Disk disk{};
  std::unique_ptr<OfferService> service = start();
  std::uint64_t dseq = 0;

  ~OfferTest() override { clock.clear(); }

  std::unique_ptr<OfferService> start() {
    return std::make_unique<OfferService>(
        OfferService::Needs{loop.get_executor(), clock, rng, *db, inbox, events, disk});
  }
  void restart() {
    clock.clear();
    service = start();
    service->open();
    settle();
  }
  void settle() {
    loop.restart();
    loop.poll();
  }
  void advance(Micros span) {
    clock.advance(span);
    settle();
  }

  std::string arrives(MessageType type = MessageType::context, const std::string& session = "",
                      Flag flag = Flag::none) {
    inbox::NewMessage message;
    message.header.id = {"mac2", 5, ++dseq};
    message.header.from = "mac2";
    message.header.to = "mac1";
    message.header.dseq = dseq;
    message.header.type = type;
    message.header.ts = message.header.exp = clock.stamp();
    message.body.body = "body " + std::to_string(dseq);
    message.body.session = session;
    message.hash = std::string(32, 'h');
    message.via = "nats";
    message.flag = flag;
    const Stamp now = clock.stamp();
    db->submit([message, now](store::Connection& c) { inbox::insert(c, message, now); },
               [](const Result<void>&) {});
    settle();
    return to_string(message.header.id);
  }

  static HookRequest request(const std::string& session, const std::string& prompt) {
    HookRequest r;
    r.event = prompt.empty() ? "session-start" : "user-prompt-submit";
    r.client = "claude";
    r.session_id = session;
    r.transcript_path = "/home/dev/" + session + ".jsonl";
    r.prompt_id = prompt;
    return r;
  }
  std::string hook(HookRequest r) {
    auto reply = toy::run(loop, service->hook(std::move(r), {}));
    if (!reply || !reply->ok()) throw std::logic_error("the hook was not answered");
    return (*reply)->text;
  }
  std::string hook(const std::string& session, const std::string& prompt = "") {
    return hook(request(session, prompt));
  }
  void ends(const std::string& session) {
    HookRequest r = request(session, "");
    r.event = "session-end";
    hook(std::move(r));
  }

  void write(const std::string& session, json line) {
    line["sessionId"] = session;
    disk.files["/home/dev/" + session + ".jsonl"] += line.dump() + "\n";
  }
  void writes_prompt(const std::string& session, const std::string& prompt) {
    write(session, {{"type", "user"}, {"promptId", prompt}, {"message", {{"content", "hello"}}}});
  }
  void writes_context(const std::string& session, const std::string& text) {
    write(session, {{"type", "attachment"},
                    {"attachment", {{"type", "hook_additional_context"}, {"content", {text}}}}});
  }
  void writes_answer(const std::string& session) { write(session, {{"type", "assistant"}}); }

  std::string state(const std::string& id) {
    return inbox::item(db->reader(), id).value_or(inbox::InboxItem{}).state;
  }
};

bool holds(const std::string& text, const std::string& id) {
  return text.find(" id=\"" + id + "\"") != text.npos;
}

TEST_F(OfferTest, a_message_is_shown_once_in_the_first_session_that_asks) {
  const std::string id = arrives();
  EXPECT_TRUE(holds(hook("s1"), id));
  EXPECT_EQ(hook("s1", "p1"), "");
  EXPECT_EQ(hook("s2"), "");
  EXPECT_EQ(hook("s2", "p2"), "");
}

TEST_F(OfferTest, that_it_was_printed_does_not_make_it_seen) {
  const std::string id = arrives();
  hook("s1", "p1");
  advance(Seconds{7'200});
  EXPECT_EQ(state(id), "stored");
}

TEST_F(OfferTest, the_transcript_makes_it_seen_soon_after) {
  const std::string id = arrives();
  const std::string text = hook("s1", "p1");
  EXPECT_EQ(state(id), "stored");
  writes_prompt("s1", "p1");
  writes_context("s1", text);
  EXPECT_EQ(state(id), "stored");
  advance(milliseconds(100));
  EXPECT_EQ(state(id), "seen");
  EXPECT_TRUE(inbox.owes("mac2"));
}

TEST_F(OfferTest, a_transcript_without_it_proves_nothing_before_the_answer) {
  const std::string id = arrives();
  hook("s1", "p1");
  writes_prompt("s1", "p1");
  advance(Seconds{60});
  EXPECT_EQ(hook("s1", "p2"), "");  // its lines may lag behind
  writes_answer("s1");
  advance(milliseconds(100));
  EXPECT_TRUE(holds(hook("s1", "p3"), id));
}

TEST_F(OfferTest, an_answer_to_a_later_prompt_settles_what_was_open) {
  const std::string id = arrives();
  hook("s1", "p1");
  hook("s1", "p2");
  writes_prompt("s1", "p2");
  writes_answer("s1");
  EXPECT_TRUE(holds(hook("s1", "p3"), id));
  EXPECT_EQ(state(id), "stored");
}

TEST_F(OfferTest, what_a_start_offered_is_settled_by_the_next_prompts_answer_only) {
  hook("s1", "p1");
  const std::string id = arrives();
  EXPECT_TRUE(holds(hook("s1"), id));  // compacted in the middle of p1
  writes_prompt("s1", "p1");
  writes_answer("s1");
  EXPECT_EQ(hook("s1", "p2"), "");
  writes_prompt("s1", "p2");
  writes_answer("s1");
  EXPECT_TRUE(holds(hook("s1", "p3"), id));
}

TEST_F(OfferTest, a_resumed_or_compacted_session_is_not_shown_it_again) {
  const std::string text = (arrives(), hook("s1", "p1"));
  writes_prompt("s1", "p1");
  writes_context("s1", text);
  writes_answer("s1");
  advance(Seconds{1});
  for (const char* source : {"resume", "compact"}) {
    HookRequest r = request("s1", "");
    r.source = source;
    EXPECT_EQ(hook(r), "");
  }
}

TEST_F(OfferTest, a_blocked_prompt_gives_it_to_the_next_one) {
  advance(Seconds{10});
  const std::string id = arrives();
  hook("s1", "p1");
  write("s1", {{"type", "system"},
               {"preventContinuation", true},
               {"timestamp", "1970-01-01T00:00:05.000Z"}});  // an older one, read late
  EXPECT_EQ(hook("s1", "p1"), "");
  write("s1", {{"type", "system"},
               {"preventContinuation", true},
               {"timestamp", "1970-01-01T00:00:12.000Z"}});
  advance(milliseconds(100));
  EXPECT_TRUE(holds(hook("s1", "p2"), id));
}

TEST_F(OfferTest, of_two_hooks_at_the_same_time_one_gets_it) {
  const std::string id = arrives();
  std::vector<std::string> texts;
  auto ask = [](OfferService* from, HookRequest r, std::vector<std::string>* out) -> Task<void> {
    Result<HookReply> reply = co_await from->hook(std::move(r), catalogue::Caller());
    out->push_back(reply->text);
  };
  for (const char* session : {"s1", "s2", "s1"}) {
    asio::co_spawn(loop, ask(service.get(), request(session, "p"), &texts), asio::detached);
  }
  settle();
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(std::count_if(texts.begin(), texts.end(), [&](auto& t) { return holds(t, id); }), 1);
}

TEST_F(OfferTest, after_a_crash_between_offer_and_print_it_is_offered_again_by_the_rule_only) {
  const std::string id = arrives();
  hook("s1", "p1");  // nobody printed it
  restart();
  EXPECT_EQ(hook("s1"), "");
  EXPECT_EQ(hook("s2", "q1"), "");
  writes_prompt("s1", "p1");
  writes_answer("s1");
  EXPECT_TRUE(holds(hook("s1", "p2"), id));
}

TEST_F(OfferTest, evidence_that_came_while_the_daemon_was_down_is_found_at_its_start) {
  writes_answer("s1");
  const std::string id = arrives();
  const std::string text = hook("s1", "p1");
  writes_prompt("s1", "p1");
  writes_context("s1", text);
  writes_answer("s1");
  restart();
  advance(milliseconds(100));
  EXPECT_EQ(state(id), "seen");
}

TEST_F(OfferTest, a_fork_that_copied_the_lines_is_no_evidence_for_itself) {
  const std::string id = arrives(MessageType::alert);
  const std::string text = hook("s1", "p1");
  writes_context("fork", text);
  writes_answer("fork");
  const std::string again = hook("fork", "p9");
  EXPECT_TRUE(holds(again, id));
  advance(Seconds{2});
  EXPECT_EQ(state(id), "stored");
}

TEST_F(OfferTest, an_ended_session_leaves_what_it_was_not_shown_to_the_next) {
  const std::string id = arrives();
  hook("s1", "p1");
  ends("s1");
  EXPECT_EQ(hook("s2"), "");  // its last lines may be on their way
  for (int s = 0; s < 91; ++s) advance(Seconds{1});
  EXPECT_TRUE(holds(hook("s2", "q1"), id));
}

TEST_F(OfferTest, a_transcript_that_vanished_leaves_it_to_the_next) {
  writes_answer("s1");
  const std::string id = arrives();
  hook("s1", "p1");
  disk.files.clear();
  advance(milliseconds(100));
  EXPECT_TRUE(holds(hook("s2", "q1"), id));
}

TEST_F(OfferTest, an_alert_goes_once_into_each_session_that_was_live_when_it_came) {
  hook("s1");
  hook("s2");
  const std::string id = arrives(MessageType::alert);
  const std::string text = hook("s1", "p1");
  EXPECT_TRUE(holds(text, id));
  writes_prompt("s1", "p1");
  writes_context("s1", text);
  advance(milliseconds(100));
  EXPECT_EQ(state(id), "seen");
  EXPECT_TRUE(holds(hook("s2", "q1"), id));
  EXPECT_EQ(hook("s2", "q2"), "");
  EXPECT_EQ(hook("s1", "p2"), "");
  EXPECT_EQ(hook("s3"), "");  // began after it was seen
}

TEST_F(OfferTest, a_message_for_a_session_waits_for_it_and_a_held_one_for_a_person) {
  const std::string id = arrives(MessageType::context, "s1");
  const std::string held = arrives(MessageType::task, "", Flag::held);
  EXPECT_EQ(hook("s2"), "");
  const std::string text = hook("s1");
  EXPECT_TRUE(holds(text, id));
  EXPECT_FALSE(holds(text, held));
}

TEST_F(OfferTest, a_prompt_of_our_own_is_given_nothing) {
  const std::string id = arrives();
  HookRequest r = request("s1", "p1");
  r.injected = true;
  EXPECT_EQ(hook(r), "");
  EXPECT_TRUE(holds(hook("s1", "p2"), id));
}

TEST_F(OfferTest, more_than_ten_come_in_order_at_the_next_prompts) {
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(arrives());
  const std::string alert = arrives(MessageType::alert);
  const std::string first = hook("s1", "p1"), second = hook("s1", "p2");
  EXPECT_LT(first.find("id=\"" + alert + "\""), first.find("id=\"" + ids[0] + "\""));
  EXPECT_TRUE(first.ends_with("3 more: fleet_inbox\n"));
  EXPECT_TRUE(holds(first, ids[8]));
  EXPECT_FALSE(holds(first, ids[9]));
  for (int i = 9; i < 12; ++i) EXPECT_TRUE(holds(second, ids[static_cast<std::size_t>(i)]));
}

TEST_F(OfferTest, a_second_hook_of_a_known_session_without_mail_writes_nothing) {
  hook("s1");
  const auto before = db->counters().jobs;
  hook("s1", "p1");
  hook("s1", "p2");
  EXPECT_EQ(db->counters().jobs, before);
}

TEST_F(OfferTest, refuses_what_is_no_session) {
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(129, 'x')}) {
    auto reply = toy::run(loop, service->hook(request(bad, "p"), {}));
    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply->ok());
  }
}

#ifdef FLEET_PLANTS
TEST_F(OfferTest, the_planted_bug_answers_before_the_commit) {
  const std::string id = arrives();
  the_plant = Plant::shown_before_offered_committed;
  EXPECT_TRUE(holds(hook("s1", "p1"), id));
  the_plant = Plant::none;
}
#endif

}  // namespace
}  // namespace fleet::offers
