// How the service finds out what became of its offers.
#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>

#include "services/offers/seat.h"
#include "services/offers/service.h"

namespace fleet::offers {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// After an offer the lines come about 0.1 s after the model was asked; some clients are slower.
constexpr std::array<Micros, 7> kLooks{milliseconds(100), milliseconds(300), seconds(1), seconds(2),
                                       seconds(5),        seconds(10),       seconds(30)};
constexpr Micros kLaterLooks = seconds(60);
constexpr Micros kWatch = minutes(60);        // from then on only its hooks tell of it
constexpr Millis kFlushed = seconds(30);      // an ended session has written what it ever will
constexpr Micros kGlance = milliseconds(25);  // of the hook's 80 ms
constexpr Micros kLookLimit = seconds(60);    // for another's look at the same transcript
constexpr std::size_t kChunk = 1024 * 1024;
constexpr int kChunksPerLook = 16;
constexpr std::uint64_t kMostBehind = 64ull * 1024 * 1024;  // what is older is not read at all
constexpr std::int64_t kEveryTurn = std::numeric_limits<std::int64_t>::max();

// One call's end, told to whoever waits for it.
struct Moment {
  bool over = false;
  io::Signal signal{};
};

}  // namespace

Task<void> OfferService::glance(SeatPtr seat) {
  auto moment = std::make_shared<Moment>();
  auto over = [moment](const std::exception_ptr&) {
    moment->over = true;
    moment->signal.notify();
  };
  asio::co_spawn(needs_.loop, look(std::move(seat)), std::move(over));
  const Tick until = needs_.clock.now() + kGlance;
  bool in_time = true;
  while (!moment->over && in_time) {
    in_time = co_await moment->signal.wait_until(needs_.clock, until);
  }
}

Task<void> OfferService::look(SeatPtr seat) {
  if (seat->looking) {
    const Tick patience = needs_.clock.now() + kLookLimit;
    co_await seat->looked.wait_until(needs_.clock, patience);
    co_return;
  }
  seat->looking = true;
  std::exception_ptr fault;
  try {
    bool more = true;
    for (int i = 0; more && i < kChunksPerLook; ++i) more = co_await read_on(seat);
  } catch (...) {
    fault = std::current_exception();
  }
  seat->looking = false;
  seat->looked.notify();
  if (fault) std::rethrow_exception(fault);
}

// True where there is more to read at once.
Task<bool> OfferService::read_on(SeatPtr seat) {
  const std::string path = seat->row.transcript;
  if (path.empty()) co_return false;
  const bool wanted = !open_offers(needs_.db.reader(), seat->row.session).empty();
  const std::size_t cap = wanted ? kChunk : 0;
  Result<io::FileTail> tail = co_await needs_.files.read(path, seat->offset, cap);
  if (path != seat->row.transcript) co_return true;
  if (!tail) {
    const bool gone = seat->existed && tail.error().code == Code::not_found;
    if (gone) co_await vanished(seat);
    co_return false;
  }
  seat->existed = true;
  if (tail->size < seat->offset) {  // written anew
    seat->read_from(0);
    co_return true;
  }
  if (tail->size - seat->offset > kMostBehind) {
    seat->read_from(tail->size - kMostBehind);
    co_return wanted;
  }
  if (!wanted) {
    // Nobody asks about what stands there; an offer made in the meantime is asked about later.
    if (open_offers(needs_.db.reader(), seat->row.session).empty()) seat->read_from(tail->size);
    co_return false;
  }
  const std::uint64_t size = tail->size;
  const bool believed = co_await believe(seat, std::move(tail->bytes));
  co_return believed && seat->offset < size;
}

// False where the store took nothing: the same bytes are read again at the next look.
Task<bool> OfferService::believe(SeatPtr seat, std::string bytes) {
  const TranscriptReader before = seat->reader;
  const std::uint64_t from = seat->offset;
  const std::vector<Proof> proofs = seat->reader.feed(bytes);
  seat->offset += bytes.size();
  for (const Proof& proof : proofs) {
    bool kept = true;
    switch (proof.what) {
      case Proof::What::shown:
        kept = co_await shown(seat, proof.tag, proof.id);
        break;
      case Proof::What::answered:
        kept = co_await answered(seat, proof.prompt);
        break;
      case Proof::What::blocked:
        kept = co_await blocked(seat, proof.at);
        break;
    }
    if (kept) continue;
    seat->reader = before;
    seat->offset = from;
    co_return false;
  }
  co_return true;
}

Task<bool> OfferService::shown(SeatPtr seat, std::string tag, std::string id) {
  const std::string session = seat->row.session;
  if (!awaits(needs_.db.reader(), session, tag, id)) co_return true;
  const Result<bool> raised = co_await needs_.inbox.raise(id, Rank::seen, session);
  if (!raised) co_return false;
  auto job = [session, id](store::Connection& db) { mark_evident(db, session, id); };
  const Result<void> marked = co_await needs_.db.write(std::move(job));
  co_return marked.ok();
}

Task<bool> OfferService::answered(SeatPtr seat, std::string prompt) {
  const std::string session = seat->row.session;
  const std::int64_t turn = seat->turn_of(prompt);
  if (turn == 0 || open_offers(needs_.db.reader(), session).empty()) co_return true;
  auto job = [session, turn](store::Connection& db) { mark_unshown(db, session, turn); };
  const Result<void> marked = co_await needs_.db.write(std::move(job));
  co_return marked.ok();
}

Task<bool> OfferService::blocked(SeatPtr seat, Stamp at) {
  const std::string session = seat->row.session;
  const std::int64_t turn = seat->turn;
  if (open_offers(needs_.db.reader(), session).empty()) co_return true;
  auto job = [session, turn, at](store::Connection& db) { mark_blocked(db, session, turn, at); };
  const Result<void> marked = co_await needs_.db.write(std::move(job));
  co_return marked.ok();
}

// Its transcript was there and is not: nothing of it will ever be proven.
Task<void> OfferService::vanished(SeatPtr seat) {
  seat->existed = false;
  const std::string session = seat->row.session;
  if (open_offers(needs_.db.reader(), session).empty()) co_return;
  auto job = [session](store::Connection& db) { mark_unshown(db, session, kEveryTurn); };
  const Result<void> marked = co_await needs_.db.write(std::move(job));
  seat->existed = !marked.ok();
}

void OfferService::watch(const SeatPtr& seat) {
  seat->watched_since = needs_.clock.now();
  seat->looks = 0;
  arm(seat);
}

void OfferService::arm(const SeatPtr& seat) {
  needs_.clock.cancel(seat->timer);
  const bool early = seat->looks < kLooks.size();
  const Tick at =
      early ? seat->watched_since + kLooks[seat->looks] : needs_.clock.now() + kLaterLooks;
  ++seat->looks;
  seat->timer = needs_.clock.call_at(
      at, [this, seat] { asio::co_spawn(needs_.loop, keep_watch(seat), asio::detached); });
}

Task<void> OfferService::keep_watch(SeatPtr seat) {
  const std::size_t looks = seat->looks;
  co_await look(seat);
  const std::string session = seat->row.session;
  const bool ended = seat->row.ended.ms != 0;
  if (ended && needs_.clock.stamp() - seat->row.ended >= kFlushed) {
    auto job = [session](store::Connection& db) { mark_unshown(db, session, kEveryTurn); };
    const Result<void> marked = co_await needs_.db.write(std::move(job));
    if (!marked) arm(seat);
    co_return;
  }
  const bool again = looks == seat->looks;  // else a new watch has begun
  const bool open = !open_offers(needs_.db.reader(), session).empty();
  const bool young = needs_.clock.now() - seat->watched_since < kWatch;
  if (again && open && (young || ended)) arm(seat);
}

}  // namespace fleet::offers
