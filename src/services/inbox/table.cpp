#include "services/inbox/table.h"

#include <nlohmann/json.hpp>

#include "services/inbox/rules.h"
#include "services/inbox/schema/001_init.sql.h"

namespace fleet::inbox {
namespace {

constexpr Millis kRemembered = std::chrono::hours(24 * 30);  // delivery §2: hashes to exp + 30 d
constexpr int kPruneBatch = 1000;

std::int64_t cell(Epoch epoch) { return static_cast<std::int64_t>(epoch); }
Epoch epoch_of(std::int64_t cell) { return static_cast<Epoch>(cell); }

std::optional<Inserted::How> settled_before(store::Connection& db, const MessageHeader& h,
                                            const std::string& hash) {
  auto found = db.prepare(
      "SELECT hash, outcome FROM inbox_settled WHERE origin=?1 AND epoch=?2 AND dseq=?3");
  found.bind_all(h.from, cell(h.id.epoch), h.dseq);
  if (!found.step()) return std::nullopt;
  const bool was_void = found.int64(1) == static_cast<int>(SettledAs::voided);
  // A void message that arrives late after all is stored normally (delivery §2).
  if (was_void) return std::nullopt;
  return found.view(0) == hash ? Inserted::How::duplicate : Inserted::How::conflict;
}

bool below_floor(store::Connection& db, const MessageHeader& h) {
  const auto floor = db.number("SELECT floor FROM inbox_floor WHERE origin=?1 AND epoch=?2", h.from,
                               cell(h.id.epoch));
  return floor && h.dseq <= static_cast<std::uint64_t>(*floor);
}

void settle(store::Connection& db, const StreamId& stream, std::uint64_t dseq,
            const std::string& hash, SettledAs as, const std::string& reason, Stamp keep_until) {
  db.run(
      "INSERT INTO inbox_settled (origin, epoch, dseq, hash, outcome, reason, keep_until)"
      " VALUES (?1,?2,?3,?4,?5,?6,?7)"
      " ON CONFLICT DO UPDATE SET hash=?4, outcome=?5, reason=?6, keep_until=?7",
      stream.origin, cell(stream.epoch), dseq, store::Blob{hash}, static_cast<int>(as), reason,
      keep_until);
}

// Everything before it in its stream is settled and was presented.
bool presentable(store::Connection& db, const MessageHeader& h) {
  if (h.type == MessageType::alert || h.dseq == 1) return true;
  const std::int64_t before = static_cast<std::int64_t>(h.dseq) - 1;
  const bool settled =
      db.number("SELECT 1 FROM inbox_settled WHERE origin=?1 AND epoch=?2 AND dseq=?3", h.from,
                cell(h.id.epoch), before)
          .has_value() ||
      db.number("SELECT 1 FROM inbox_floor WHERE origin=?1 AND epoch=?2 AND floor>=?3", h.from,
                cell(h.id.epoch), before)
          .has_value();
  const bool held_back =
      db.number(
            "SELECT 1 FROM inbox_message WHERE origin=?1 AND epoch=?2 AND dseq=?3"
            " AND position IS NULL",
            h.from, cell(h.id.epoch), before)
          .has_value();
  return settled && !held_back;
}

void give_position(store::Connection& db, const std::string& id) {
  db.run("UPDATE inbox_counter SET last=last+1");
  db.run("UPDATE inbox_message SET position=(SELECT last FROM inbox_counter) WHERE id=?1", id);
}

// What waited only for this dseq follows it, in order.
void present_followers(store::Connection& db, const StreamId& stream, std::uint64_t dseq) {
  for (;;) {
    auto next = db.prepare(
        "SELECT id FROM inbox_message WHERE origin=?1 AND epoch=?2 AND dseq=?3 AND position IS "
        "NULL");
    next.bind_all(stream.origin, cell(stream.epoch), ++dseq);
    if (!next.step()) return;
    give_position(db, next.text(0));
  }
}

void insert_row(store::Connection& db, const NewMessage& m, Stamp now) {
  const MessageHeader& h = m.header;
  db.run(
      "INSERT INTO inbox_message (id, origin, epoch, dseq, type, subject, body, session, refs, re,"
      " was, ts, exp, at_ms, via, key_id, rank, flag, detail, told)"
      " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?17)",
      to_string(h.id), h.from, cell(h.id.epoch), h.dseq, static_cast<int>(h.type), m.body.subject,
      m.body.body, m.body.session, nlohmann::json(m.body.refs).dump(), h.re, h.was, h.ts, h.exp,
      now, m.via, m.key_id, static_cast<int>(Rank::stored), static_cast<int>(m.flag), m.reason);
}

bool reissued_before(store::Connection& db, const MessageHeader& h) {
  return !h.was.empty() &&
         db.number("SELECT 1 FROM inbox_message WHERE origin=?1 AND was=?2", h.from, h.was);
}

InboxItem read_item(store::Statement& row) {
  InboxItem item;
  item.id = row.text(0);
  item.from = row.text(1);
  item.type = to_string(static_cast<MessageType>(row.int64(2)));
  item.subject = row.text(3);
  item.body = row.text(4);
  item.session = row.text(5);
  item.re = row.text(6);
  item.at_ms = row.int64(7);
  item.via = row.text(8);
  const auto flag = static_cast<Flag>(row.int64(10));
  item.state = flag == Flag::held ? to_string(flag) : to_string(static_cast<Rank>(row.int64(9)));
  item.late_s = lateness(row.stamp(11), Stamp{item.at_ms}).count();
  item.position = std::to_string(row.int64(12));
  return item;
}

const std::string kItemColumns =
    "SELECT id, origin, type, subject, body, session, re, at_ms, via, rank, flag, ts, position"
    " FROM inbox_message ";

Standing read_standing(store::Statement& row) {
  return {row.text(0),
          row.text(1),
          epoch_of(row.int64(2)),
          static_cast<std::uint64_t>(row.int64(3)),
          static_cast<Rank>(row.int64(4)),
          static_cast<Flag>(row.int64(5)),
          row.blob(6),
          row.text(7),
          row.stamp(8)};
}

const std::string kStandingSelect =
    "SELECT m.id, m.origin, m.epoch, m.dseq, m.rank, m.flag, s.hash, m.detail,"
    " CASE m.rank WHEN 4 THEN m.done_ms WHEN 3 THEN m.seen_ms ELSE m.at_ms END"
    " FROM inbox_message m LEFT JOIN inbox_settled s"
    " ON s.origin=m.origin AND s.epoch=m.epoch AND s.dseq=m.dseq ";

}  // namespace

const store::Migrations kMigrations{{"inbox", 1, embedded::services_inbox_schema_001_init_sql}};

Inserted insert(store::Connection& db, const NewMessage& m, Stamp now) {
  const MessageHeader& h = m.header;
  if (const auto before = settled_before(db, h, m.hash)) return {*before, false};
  if (below_floor(db, h)) return {Inserted::How::duplicate, false};
  const bool in_order = presentable(db, h);
  const StreamId stream{h.from, h.id.epoch, h.to};
  settle(db, stream, h.dseq, m.hash, m.as, m.reason, h.exp + kRemembered);
  if (m.as == SettledAs::stored && !reissued_before(db, h)) insert_row(db, m, now);
  if (in_order) present(db, stream, h.dseq);
  return {Inserted::How::fresh, !in_order};
}

void insert_void(store::Connection& db, const StreamId& stream, std::uint64_t dseq,
                 Stamp keep_until) {
  db.run(
      "INSERT OR IGNORE INTO inbox_settled (origin, epoch, dseq, hash, outcome, keep_until)"
      " VALUES (?1,?2,?3,x'',?4,?5)",
      stream.origin, cell(stream.epoch), dseq, static_cast<int>(SettledAs::voided), keep_until);
  present_followers(db, stream, dseq);
}

void present(store::Connection& db, const StreamId& stream, std::uint64_t dseq) {
  auto row = db.prepare(
      "SELECT id FROM inbox_message WHERE origin=?1 AND epoch=?2 AND dseq=?3 AND position IS NULL");
  row.bind_all(stream.origin, cell(stream.epoch), dseq);
  if (row.step()) give_position(db, row.text(0));
  present_followers(db, stream, dseq);
}

void present_all(store::Connection& db) {
  auto waiting = db.prepare(
      "SELECT id FROM inbox_message WHERE position IS NULL ORDER BY origin, epoch, dseq");
  std::vector<std::string> ids;
  while (waiting.step()) ids.push_back(waiting.text(0));
  for (const std::string& id : ids) give_position(db, id);
}

StreamRows load_stream(store::Connection& db, const NodeId& origin, Epoch epoch) {
  StreamRows stream;
  stream.floor = static_cast<std::uint64_t>(
      db.number("SELECT floor FROM inbox_floor WHERE origin=?1 AND epoch=?2", origin, cell(epoch))
          .value_or(0));
  auto rows = db.prepare(
      "SELECT dseq, hash, outcome FROM inbox_settled WHERE origin=?1 AND epoch=?2 ORDER BY dseq");
  rows.bind_all(origin, cell(epoch));
  while (rows.step()) {
    stream.rows.push_back({static_cast<std::uint64_t>(rows.int64(0)), rows.blob(1),
                           static_cast<SettledAs>(rows.int64(2))});
  }
  return stream;
}

std::vector<Epoch> recent_epochs(store::Connection& db, const NodeId& origin, int limit) {
  auto rows = db.prepare(
      "SELECT epoch FROM inbox_settled WHERE origin=?1 GROUP BY epoch"
      " ORDER BY MAX(keep_until) DESC LIMIT ?2");
  rows.bind_all(origin, limit);
  std::vector<Epoch> epochs;
  while (rows.step()) epochs.push_back(epoch_of(rows.int64(0)));
  return epochs;
}

std::optional<Standing> standing(store::Connection& db, const std::string& id) {
  auto row = db.prepare(kStandingSelect + "WHERE m.id=?1");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return read_standing(row);
}

std::optional<std::string> refusal(store::Connection& db, const MessageHeader& h) {
  auto row = db.prepare(
      "SELECT reason FROM inbox_settled WHERE origin=?1 AND epoch=?2 AND dseq=?3 AND outcome=?4");
  row.bind_all(h.from, cell(h.id.epoch), h.dseq, static_cast<int>(SettledAs::refused));
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::vector<Standing> untold(store::Connection& db, const NodeId& origin, int limit) {
  auto rows = db.prepare(kStandingSelect + "WHERE m.origin=?1 AND m.told < m.rank LIMIT ?2");
  rows.bind_all(origin, limit);
  std::vector<Standing> found;
  while (rows.step()) found.push_back(read_standing(rows));
  return found;
}

std::vector<NodeId> origins_untold(store::Connection& db) {
  auto rows = db.prepare("SELECT DISTINCT origin FROM inbox_message WHERE told < rank");
  std::vector<NodeId> origins;
  while (rows.step()) origins.push_back(rows.text(0));
  return origins;
}

void mark_told(store::Connection& db, const std::string& id, Rank rank) {
  db.run("UPDATE inbox_message SET told=MAX(told,?2) WHERE id=?1", id, static_cast<int>(rank));
}

bool raise(store::Connection& db, const std::string& id, Rank rank, const std::string& detail,
           Stamp now) {
  const bool done = rank == Rank::done;
  return db.run(done ? "UPDATE inbox_message SET rank=?2, detail=?3, done_ms=?4, flag=0"
                       " WHERE id=?1 AND rank<?2"
                     : "UPDATE inbox_message SET rank=?2, detail=?3, seen_ms=?4"
                       " WHERE id=?1 AND rank<?2",
                id, static_cast<int>(rank), detail, now) > 0;
}

std::vector<InboxItem> page(store::Connection& db, const InboxRequest& request) {
  auto rows = db.prepare(kItemColumns +
                         "WHERE position > ?1 AND (?2 = 0 OR (rank < 3 AND flag = 0))"
                         " AND (?3 = '' OR session = '' OR session = ?3)"
                         " ORDER BY position LIMIT ?4");
  rows.bind_all(request.after.empty() ? std::string_view("0") : std::string_view(request.after),
                request.unread ? 1 : 0, request.session, request.limit);
  std::vector<InboxItem> items;
  while (rows.step()) items.push_back(read_item(rows));
  return items;
}

std::optional<InboxItem> item(store::Connection& db, const std::string& id) {
  auto row = db.prepare(kItemColumns + "WHERE id=?1");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return read_item(row);
}

std::int64_t count_unread(store::Connection& db) {
  return db.number("SELECT COUNT(*) FROM inbox_message WHERE rank < 3 AND flag = 0").value_or(0);
}

void prune(store::Connection& db, Stamp now, Millis keep_read) {
  db.run(
      "DELETE FROM inbox_message WHERE id IN (SELECT id FROM inbox_message"
      " WHERE rank >= 3 AND told >= rank AND at_ms < ?1 LIMIT ?2)",
      now - keep_read, kPruneBatch);
  // Only a stream whose every row is over may go: the floor must not jump over a gap.
  auto over = db.prepare(
      "SELECT origin, epoch, MAX(dseq) FROM inbox_settled GROUP BY origin, epoch"
      " HAVING MAX(keep_until) < ?1 LIMIT 16");
  over.bind_all(now);
  struct Stream {
    std::string origin;
    std::int64_t epoch;
    std::int64_t last;
  };
  std::vector<Stream> streams;
  while (over.step()) streams.push_back({over.text(0), over.int64(1), over.int64(2)});
  for (const Stream& s : streams) {
    db.run("INSERT OR REPLACE INTO inbox_floor (origin, epoch, floor) VALUES (?1,?2,?3)", s.origin,
           s.epoch, s.last);
    db.run("DELETE FROM inbox_settled WHERE origin=?1 AND epoch=?2", s.origin, s.epoch);
  }
}

}  // namespace fleet::inbox
