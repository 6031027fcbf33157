#include "services/offers/table.h"

#include "services/offers/schema/001_init.sql.h"

namespace fleet::offers {
namespace {

constexpr int kRowsLookedAt = 5'000;  // per choice; beyond it "N more" is a lower bound
constexpr int kPruneBatch = 1'000;
constexpr std::int64_t kOnTimeMs = 60'000;  // as GET /inbox says it

const std::string kOfferColumns =
    "SELECT id, session, tag, prompt, turn, from_byte, at_ms FROM offer ";

OfferRow read_offer(store::Statement& row) {
  return {row.text(0), row.text(1),  row.text(2),
          row.text(3), row.int64(4), static_cast<std::uint64_t>(row.int64(5)),
          row.stamp(6)};
}

int cell(MessageType type) { return static_cast<int>(type); }

Waiting read_waiting(store::Statement& row) {
  Waiting message;
  message.id = row.text(0);
  message.type = static_cast<MessageType>(row.int64(1));
  message.session = row.text(2);
  message.position = row.int64(3);
  message.rank = static_cast<Rank>(row.int64(4));
  message.held = static_cast<Flag>(row.int64(5)) != Flag::none;
  return message;
}

void consider(const Waiting& message, const Asker& asker, Choice& choice) {
  if (message.id.empty() || !is_for(message, asker)) return;
  ++choice.waiting;
  if (choice.ids.size() < kMessagesAtOnce) choice.ids.push_back(message.id);
}

}  // namespace

const store::Migrations kMigrations{{"offers", 1, embedded::services_offers_schema_001_init_sql}};

std::optional<SessionRow> load_session(store::Connection& db, const std::string& session) {
  auto row = db.prepare(
      "SELECT session, client, transcript, cwd, since, heard_ms, ended_ms FROM offer_session"
      " WHERE session=?1");
  row.bind(1, session);
  if (!row.step()) return std::nullopt;
  return SessionRow{row.text(0),  row.text(1),  row.text(2), row.text(3),
                    row.int64(4), row.stamp(5), row.stamp(6)};
}

void save_session(store::Connection& db, const SessionRow& row) {
  db.run(
      "INSERT INTO offer_session (session, client, transcript, cwd, since, heard_ms, ended_ms)"
      " VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO UPDATE SET"
      " client=?2, transcript=?3, cwd=?4, heard_ms=?6, ended_ms=?7",
      row.session, row.client, row.transcript, row.cwd, row.since, row.heard, row.ended);
  db.run(
      "DELETE FROM offer_session WHERE session IN (SELECT session FROM offer_session"
      " ORDER BY heard_ms DESC LIMIT 100 OFFSET ?1)",
      kSessionsKept);
}

void save_offer(store::Connection& db, const OfferRow& row) {
  db.run(
      "INSERT INTO offer (id, session, tag, prompt, turn, from_byte, at_ms)"
      " VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO UPDATE SET"
      " tag=?3, prompt=?4, turn=?5, from_byte=?6, at_ms=?7, state=0",
      row.id, row.session, row.tag, row.prompt, row.turn, row.from_byte, row.at);
}

std::vector<OfferRow> open_offers(store::Connection& db, const std::string& session) {
  auto rows = db.prepare(kOfferColumns + "WHERE session=?1 AND state=0");
  rows.bind(1, session);
  std::vector<OfferRow> found;
  while (rows.step()) found.push_back(read_offer(rows));
  return found;
}

std::vector<std::string> sessions_with_open_offers(store::Connection& db, int limit) {
  auto rows = db.prepare("SELECT DISTINCT session FROM offer WHERE state=0 LIMIT ?1");
  rows.bind(1, limit);
  std::vector<std::string> sessions;
  while (rows.step()) sessions.push_back(rows.text(0));
  return sessions;
}

std::int64_t last_turn(store::Connection& db, const std::string& session) {
  return db.number("SELECT MAX(turn) FROM offer WHERE session=?1 AND state=0", session).value_or(0);
}

bool awaits(store::Connection& db, const std::string& session, const std::string& tag,
            const std::string& id) {
  return db
      .number("SELECT 1 FROM offer WHERE id=?1 AND session=?2 AND tag=?3 AND state<>?4", id,
              session, tag, static_cast<int>(OfferState::evident))
      .has_value();
}

void mark_evident(store::Connection& db, const std::string& session, const std::string& id) {
  db.run("UPDATE offer SET state=?3 WHERE id=?1 AND session=?2", id, session,
         static_cast<int>(OfferState::evident));
}

std::int64_t mark_unshown(store::Connection& db, const std::string& session, std::int64_t turn) {
  return db.run("UPDATE offer SET state=?3 WHERE session=?1 AND state=0 AND turn<=?2", session,
                turn, static_cast<int>(OfferState::unshown));
}

std::int64_t mark_blocked(store::Connection& db, const std::string& session, std::int64_t turn,
                          Stamp at) {
  return db.run(
      "UPDATE offer SET state=?4 WHERE session=?1 AND state=0 AND turn=?2 AND prompt<>''"
      " AND at_ms<=?3",
      session, turn, at, static_cast<int>(OfferState::unshown));
}

// The rows of one message stand together: one for each offer of it.
Choice choose(store::Connection& db, const Asker& asker) {
  auto rows = db.prepare(
      "SELECT m.id, m.type, m.session, m.position, m.rank, m.flag, o.session, o.state"
      " FROM (SELECT * FROM inbox_message WHERE position IS NOT NULL"
      "  AND (session='' OR session=?1)"
      "  AND (rank < ?3 OR (position > ?2 AND type IN (?4, ?5)))"
      "  ORDER BY type<>?4, position LIMIT ?6) m"
      " LEFT JOIN offer o ON o.id=m.id ORDER BY m.type<>?4, m.position");
  rows.bind_all(asker.session, asker.since, static_cast<int>(Rank::seen), cell(MessageType::alert),
                cell(MessageType::broadcast), kRowsLookedAt);
  Choice choice;
  Waiting message;
  while (rows.step()) {
    if (rows.view(0) != message.id) {
      consider(message, asker, choice);
      message = read_waiting(rows);
    }
    if (!rows.is_null(6)) {
      message.marks.push_back({rows.text(6), static_cast<OfferState>(rows.int64(7))});
    }
  }
  consider(message, asker, choice);
  return choice;
}

std::vector<Shown> load(store::Connection& db, const std::vector<std::string>& ids) {
  std::vector<Shown> messages;
  for (const std::string& id : ids) {
    auto row = db.prepare(
        "SELECT origin, key_id, re, subject, body, via, type, ts, at_ms FROM inbox_message"
        " WHERE id=?1");
    row.bind(1, id);
    if (!row.step()) continue;
    Shown shown{id,          row.text(0), row.text(1), row.text(2),
                row.text(3), row.text(4), row.text(5), static_cast<MessageType>(row.int64(6)),
                row.stamp(7)};
    const std::int64_t late_ms = row.int64(8) - row.int64(7);
    if (late_ms >= kOnTimeMs) shown.late = Seconds(late_ms / 1'000);
    messages.push_back(std::move(shown));
  }
  return messages;
}

std::int64_t newest_position(store::Connection& db) {
  return db.number("SELECT last FROM inbox_counter").value_or(0);
}

void prune(store::Connection& db) {
  db.run(
      "DELETE FROM offer WHERE (id, session) IN (SELECT o.id, o.session FROM offer o"
      " LEFT JOIN inbox_message m ON m.id=o.id WHERE m.id IS NULL LIMIT ?1)",
      kPruneBatch);
}

}  // namespace fleet::offers
