#include "services/offers/service.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "fleet/base/plant.h"
#include "services/offers/seat.h"

namespace fleet::offers {
namespace {

constexpr std::size_t kSeats = 256;  // in memory; any can be loaded again
constexpr std::size_t kPromptsKept = 64;
constexpr std::size_t kNameBytes = 128;
constexpr std::size_t kPathBytes = 4'096;
constexpr Millis kHeardAgain = std::chrono::hours(1);  // how stale `heard` may be on disk

bool is_name(const std::string& text) {
  return text.size() <= kNameBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("._:-").find(c) != std::string_view::npos;
         });
}

Result<void> check(const HookRequest& r) {
  if (r.session_id.empty() || !is_name(r.session_id)) {
    return refuse(Code::invalid, "session_id must be 1 to 128 letters, digits, '.', '_', ':', '-'");
  }
  if (!is_name(r.prompt_id) || !is_name(r.client)) {
    return refuse(Code::invalid, "prompt_id and client must be short names");
  }
  if (r.transcript_path.size() > kPathBytes || r.cwd.size() > kPathBytes) {
    return refuse(Code::invalid, "a path is longer than 4,096 bytes");
  }
  return {};
}

bool is_prompt(const HookRequest& r) { return r.event == "user-prompt-submit"; }
bool is_end(const HookRequest& r) { return r.event == "session-end"; }

}  // namespace

void OfferService::Seat::begin_turn(const std::string& prompt) {
  if (!prompt.empty() && turn_of(prompt) != 0) return;
  ++turn;
  if (prompt.empty()) return;
  prompts.emplace_back(prompt, turn);
  if (prompts.size() > kPromptsKept) prompts.pop_front();
}

std::int64_t OfferService::Seat::turn_of(const std::string& prompt) const {
  for (const auto& [known, number] : prompts) {
    if (known == prompt) return number;
  }
  return 0;
}

void OfferService::Plan::make(store::Connection& db) {
  const Choice choice = choose(db, asker);
  const std::vector<Shown> messages = load(db, choice.ids);
  framed = frame(messages, choice.waiting, tags);
  ids.clear();
  for (std::size_t i = 0; i < framed.count; ++i) ids.push_back(messages[i].id);
}

// The choice is made where the offers are written: of two hooks at once one gets a message.
void OfferService::Plan::commit(store::Connection& db) {
  save_session(db, session);
  make(db);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    OfferRow row = pattern;
    row.id = ids[i];
    row.tag = tags[i];
    save_offer(db, row);
  }
}

void OfferService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_hook",
         .summary = "What a hook of an AI client asks: the messages to put before the model.",
         .hints = {.internal = true}},
        &OfferService::hook);
}

void OfferService::open() {
  needs_.db.submit([](store::Connection& db) { prune(db); }, [](const Result<void>&) {});
  for (const std::string& session :
       sessions_with_open_offers(needs_.db.reader(), static_cast<int>(kSeats))) {
    watch(seat_of(session));
  }
}

OfferService::SeatPtr OfferService::seat_of(const std::string& session) {
  if (const auto found = seats_.find(session); found != seats_.end()) return found->second;
  make_room();
  return seats_.emplace(session, load_seat(session)).first->second;
}

OfferService::SeatPtr OfferService::load_seat(const std::string& session) {
  store::Connection& db = needs_.db.reader();
  std::optional<SessionRow> known = load_session(db, session);
  const bool saved = known.has_value();
  if (!known) {
    known = SessionRow{};
    known->session = session;
    known->since = newest_position(db);
  }
  auto seat = std::make_shared<Seat>(std::move(*known));
  seat->saved = saved;
  seat->turn = last_turn(db, session);
  const std::vector<OfferRow> open = open_offers(db, session);
  if (!open.empty()) seat->offset = open.front().from_byte;
  for (const OfferRow& row : open) {
    seat->offset = std::min(seat->offset, row.from_byte);
    if (!row.prompt.empty()) seat->prompts.emplace_back(row.prompt, row.turn);
  }
  return seat;
}

void OfferService::make_room() {
  if (seats_.size() < kSeats) return;
  const auto oldest = std::min_element(seats_.begin(), seats_.end(), [](auto& a, auto& b) {
    return a.second->row.heard < b.second->row.heard;
  });
  needs_.clock.cancel(oldest->second->timer);
  seats_.erase(oldest);
}

void OfferService::note(Seat& seat, const HookRequest& request) {
  SessionRow& row = seat.row;
  const Stamp now = needs_.clock.stamp();
  const bool moved = !request.transcript_path.empty() && row.transcript != request.transcript_path;
  if (moved && !row.transcript.empty()) seat.read_from(0);
  if (moved) row.transcript = request.transcript_path;
  const bool ends = is_end(request), ended = row.ended.ms != 0;
  if (moved || ends != ended || now - row.heard > kHeardAgain) {
    row.heard = now;
    row.ended = ends ? now : Stamp{};
    row.client = request.client;
    row.cwd = request.cwd;
    seat.saved = false;
  }
  if (is_prompt(request)) seat.begin_turn(request.prompt_id);
}

std::shared_ptr<OfferService::Plan> OfferService::plan(const Seat& seat,
                                                       const HookRequest& request) {
  auto plan = std::make_shared<Plan>();
  plan->session = seat.row;
  plan->asker = {seat.row.session, seat.row.since};
  while (plan->tags.size() < kMessagesAtOnce) plan->tags.push_back(tag_text(needs_.rng.u64()));
  plan->pattern.session = seat.row.session;
  plan->pattern.from_byte = seat.offset;
  plan->pattern.at = needs_.clock.stamp();
  // What a session's start is shown stands above the answer to its next prompt.
  plan->pattern.turn = is_prompt(request) ? seat.turn : seat.turn + 1;
  if (is_prompt(request)) plan->pattern.prompt = request.prompt_id;
  return plan;
}

Task<Result<HookReply>> OfferService::hook(HookRequest request, catalogue::Caller caller) {
  static_cast<void>(caller);
  if (const Result<void> checked = check(request); !checked) co_return checked.error();
  SeatPtr seat = seat_of(request.session_id);
  note(*seat, request);
  co_await glance(seat);
  if (is_end(request)) {
    co_await end(seat);
    co_return HookReply{};
  }
  if (request.injected) co_return HookReply{};
  std::shared_ptr<Plan> answer = plan(*seat, request);
  const bool waits = choose(needs_.db.reader(), answer->asker).waiting > 0;
  if (!waits && seat->saved) co_return HookReply{};
  co_return co_await offer(std::move(seat), std::move(answer));
}

Task<Result<HookReply>> OfferService::offer(SeatPtr seat, std::shared_ptr<Plan> plan) {
  auto job = [plan](store::Connection& db) { plan->commit(db); };
  if (planted(Plant::shown_before_offered_committed)) {
    plan->make(needs_.db.reader());
    HookReply early;
    early.text = plan->framed.text;
    needs_.db.submit(job, [](const Result<void>&) {});
    co_return early;
  }
  Result<void> committed = co_await needs_.db.write(std::move(job));
  if (!committed) co_return committed.error();
  seat->saved = true;
  for (const std::string& id : plan->ids) {
    needs_.events.publish("message.offered", {{"id", id}, {"session", plan->session.session}});
  }
  if (!plan->ids.empty()) watch(seat);
  HookReply reply;
  reply.text = plan->framed.text;
  co_return reply;
}

Task<void> OfferService::end(SeatPtr seat) {
  SessionRow row = seat->row;
  auto job = [row](store::Connection& db) { save_session(db, row); };
  Result<void> committed = co_await needs_.db.write(std::move(job));
  seat->saved = committed.ok();
  watch(seat);
}

}  // namespace fleet::offers
