// Offers what waits in the inbox to live AI sessions, through their hooks, and finds out from their
// transcripts whether it was shown. An offer is committed before its text leaves; that it was
// printed proves nothing: `seen` is claimed only where the block stands in the session's own
// transcript, and an offer is made again only where the transcript proves that the session went on
// without it. It types nowhere and starts nothing. (spec: delivery §1.8, interfaces §6)
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "fleet/base/result.h"
#include "fleet/base/rng.h"
#include "io/clock.h"
#include "services/inbox/service.h"
#include "services/offers/table.h"
#include "services/offers/transcript_files.h"
#include "services/offers/types.h"
#include "store/database.h"

namespace fleet::offers {

class OfferService {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    Rng& rng;
    store::Database& db;
    inbox::InboxService& inbox;
    catalogue::EventStream& events;
    TranscriptFiles& files;
  };
  explicit OfferService(Needs needs) : needs_(std::move(needs)) {}
  static void describe(catalogue::Catalogue& catalogue);
  // Offers of messages that are gone; bounded work per call, inside a job.
  static void forget(store::Connection& db) { prune(db); }

  // Goes on looking for the evidence of what the last run offered.
  void open();

  Task<Result<HookReply>> hook(HookRequest request, catalogue::Caller caller);

 private:
  struct Seat;  // a session, as long as somebody hears of it
  struct Plan;  // one answer to one hook
  using SeatPtr = std::shared_ptr<Seat>;

  SeatPtr seat_of(const std::string& session);
  SeatPtr load_seat(const std::string& session);
  void make_room();
  void note(Seat& seat, const HookRequest& request);
  std::shared_ptr<Plan> plan(const Seat& seat, const HookRequest& request);
  Task<Result<HookReply>> offer(SeatPtr seat, std::shared_ptr<Plan> plan);
  Task<void> end(SeatPtr seat);

  // Reads what is new in the transcript; one at a time per session.
  Task<void> look(SeatPtr seat);
  Task<void> glance(SeatPtr seat);  // the same, but waits only a moment for it
  Task<bool> read_on(SeatPtr seat);
  Task<bool> believe(SeatPtr seat, std::string bytes);
  Task<bool> shown(SeatPtr seat, std::string tag, std::string id);
  Task<bool> answered(SeatPtr seat, std::string prompt);
  Task<bool> blocked(SeatPtr seat, Stamp at);
  Task<void> vanished(SeatPtr seat);
  void watch(const SeatPtr& seat);
  void arm(const SeatPtr& seat);
  Task<void> keep_watch(SeatPtr seat);

  Needs needs_;
  std::map<std::string, SeatPtr> seats_{};
};

}  // namespace fleet::offers
