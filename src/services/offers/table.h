// The rows of sessions and offers, and the choice of messages. It reads the inbox's rows and writes
// none of them. Every function runs inside a job or on the reader; none commits by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/base/time.h"
#include "services/offers/rules.h"
#include "store/connection.h"
#include "store/migration.h"

namespace fleet::offers {

extern const store::Migrations kMigrations;

struct SessionRow {
  std::string session{}, client{}, transcript{}, cwd{};
  std::int64_t since = 0;
  Stamp heard{};
  Stamp ended{};  // 0: live, as far as anybody said
};
std::optional<SessionRow> load_session(store::Connection& db, const std::string& session);
// Keeps the newest kSessionsKept.
void save_session(store::Connection& db, const SessionRow& row);
inline constexpr int kSessionsKept = 2'000;

struct OfferRow {
  std::string id{}, session{}, tag{}, prompt{};
  std::int64_t turn = 0;
  std::uint64_t from_byte = 0;
  Stamp at{};
};
// An offer that was not shown may be made again.
void save_offer(store::Connection& db, const OfferRow& row);
std::vector<OfferRow> open_offers(store::Connection& db, const std::string& session);
std::vector<std::string> sessions_with_open_offers(store::Connection& db, int limit);
std::int64_t last_turn(store::Connection& db, const std::string& session);
bool awaits(store::Connection& db, const std::string& session, const std::string& tag,
            const std::string& id);
void mark_evident(store::Connection& db, const std::string& session, const std::string& id);
// What is still open up to this turn was not shown. Returns how many.
std::int64_t mark_unshown(store::Connection& db, const std::string& session, std::int64_t turn);
// A hook stopped this turn's prompt at `at`: what was printed for it is lost.
std::int64_t mark_blocked(store::Connection& db, const std::string& session, std::int64_t turn,
                          Stamp at);

struct Choice {
  std::vector<std::string> ids{};  // the first kMessagesAtOnce, alerts first, then in order
  std::size_t waiting = 0;         // how many there are in all
};
Choice choose(store::Connection& db, const Asker& asker);
std::vector<Shown> load(store::Connection& db, const std::vector<std::string>& ids);
std::int64_t newest_position(store::Connection& db);

// Forgets offers of messages that are gone; bounded work per call.
void prune(store::Connection& db);

}  // namespace fleet::offers
