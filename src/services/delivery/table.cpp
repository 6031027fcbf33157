#include "services/delivery/table.h"

#include <nlohmann/json.hpp>

#include "services/delivery/schema/001_init.sql.h"

namespace fleet::delivery {
namespace {

constexpr int kPruneBatch = 1000;
constexpr int kMaxTimeline = 200;  // events per message; then only what it came to is kept

const std::string kSelect =
    "SELECT id, batch, re, via, detail, destination, epoch, dseq, type, ts, exp, hash, rank, flags,"
    " open FROM outbox_message ";

std::int64_t cell(Epoch epoch) { return static_cast<std::int64_t>(epoch); }

Row read(store::Statement& row) {
  Row r;
  r.id = row.text(0);
  r.batch = row.text(1);
  r.re = row.text(2);
  r.via = row.text(3);
  r.detail = row.text(4);
  r.destination = row.text(5);
  r.epoch = static_cast<Epoch>(row.int64(6));
  r.dseq = static_cast<std::uint64_t>(row.int64(7));
  r.type = static_cast<MessageType>(row.int64(8));
  r.ts = row.stamp(9);
  r.exp = row.stamp(10);
  r.hash = row.blob(11);
  r.state = core::RecipientState::from_row(static_cast<Rank>(row.int64(12)),
                                           static_cast<std::uint8_t>(row.int64(13)));
  r.open = row.int64(14) != 0;
  return r;
}

std::vector<Row> read_all(store::Statement& rows) {
  std::vector<Row> all;
  while (rows.step()) all.push_back(read(rows));
  return all;
}

std::optional<Row> read_one(store::Statement& rows) {
  if (!rows.step()) return std::nullopt;
  return read(rows);
}

}  // namespace

const store::Migrations kMigrations{
    {"delivery", 1, embedded::services_delivery_schema_001_init_sql}};

void insert(store::Connection& db, const NewRow& row) {
  const MessageHeader& h = row.header;
  db.run(
      "INSERT INTO outbox_message (id, batch, destination, epoch, dseq, type, via, re, subject,"
      " body, session, refs, ts, exp, hash, wire) VALUES "
      "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
      "?15,?16)",
      to_string(h.id), row.batch, h.to, cell(h.id.epoch), h.dseq, static_cast<int>(h.type), row.via,
      h.re, row.body.subject, row.body.body, row.body.session, nlohmann::json(row.body.refs).dump(),
      h.ts, h.exp, store::Blob{row.hash}, store::Blob{row.wire});
  insert_event(db, to_string(h.id), {h.ts.ms, h.from, "accepted", "", ""});
}

void insert_key(store::Connection& db, const std::string& key, const std::string& id, Stamp now) {
  db.run("INSERT OR IGNORE INTO outbox_key (key, id, at_ms) VALUES (?1,?2,?3)", key, id, now);
}

std::optional<std::string> id_of_key(store::Connection& db, const std::string& key) {
  auto row = db.prepare("SELECT id FROM outbox_key WHERE key=?1");
  row.bind(1, key);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::optional<Row> find(store::Connection& db, const std::string& id) {
  auto rows = db.prepare(kSelect + "WHERE id=?1");
  rows.bind(1, id);
  return read_one(rows);
}

std::optional<Row> find(store::Connection& db, const StreamId& stream, std::uint64_t dseq) {
  auto rows = db.prepare(kSelect + "WHERE destination=?1 AND epoch=?2 AND dseq=?3");
  rows.bind_all(stream.destination, cell(stream.epoch), dseq);
  return read_one(rows);
}

bool knows_stream(store::Connection& db, const StreamId& stream) {
  return db
      .number("SELECT 1 FROM outbox_message WHERE destination=?1 AND epoch=?2 LIMIT 1",
              stream.destination, cell(stream.epoch))
      .has_value();
}

std::vector<Row> batch_rows(store::Connection& db, const std::string& batch) {
  auto rows = db.prepare(kSelect + "WHERE batch=?1 AND batch<>'' ORDER BY destination");
  rows.bind(1, batch);
  return read_all(rows);
}

std::vector<Row> open_rows(store::Connection& db, std::int64_t limit) {
  auto rows = db.prepare(kSelect + "WHERE open=1 ORDER BY destination, epoch, dseq LIMIT ?1");
  rows.bind(1, limit);
  return read_all(rows);
}

std::vector<Row> expected_rows(store::Connection& db, const StreamId& stream, std::uint64_t above,
                               std::int64_t limit) {
  auto rows = db.prepare(kSelect + "WHERE destination=?1 AND epoch=?2 AND dseq>?3" +
                         " AND (rank>=?4 OR open=1) ORDER BY dseq LIMIT ?5");
  rows.bind_all(stream.destination, cell(stream.epoch), above, static_cast<int>(Rank::stored),
                limit);
  return read_all(rows);
}

std::optional<std::string> wire(store::Connection& db, const std::string& id) {
  auto row = db.prepare("SELECT wire FROM outbox_message WHERE id=?1");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return row.blob(0);
}

std::vector<Row> untold_voids(store::Connection& db) {
  auto rows = db.prepare(kSelect + "WHERE open=0 AND rank<?1 AND flags<>0 AND void_told=0");
  rows.bind(1, static_cast<int>(Rank::stored));
  return read_all(rows);
}

void void_told(store::Connection& db, const StreamId& stream, std::uint64_t first,
               std::uint64_t last) {
  db.run(
      "UPDATE outbox_message SET void_told=1 WHERE destination=?1 AND epoch=?2"
      " AND dseq BETWEEN ?3 AND ?4 AND open=0",
      stream.destination, cell(stream.epoch), first, last);
}

bool merge_state(store::Connection& db, const std::string& id, const core::RecipientState& state,
                 const std::string& detail) {
  auto row = db.prepare("SELECT rank, flags FROM outbox_message WHERE id=?1");
  row.bind(1, id);
  if (!row.step()) return false;
  const auto before = core::RecipientState::from_row(static_cast<Rank>(row.int64(0)),
                                                     static_cast<std::uint8_t>(row.int64(1)));
  const core::RecipientState merged = before.merge(state);
  if (merged == before) return false;
  db.run(
      "UPDATE outbox_message SET rank=?2, flags=?3, open=?4,"
      " detail=CASE WHEN ?5='' THEN detail ELSE ?5 END WHERE id=?1",
      id, static_cast<int>(merged.rank()), merged.flags(), merged.settled() ? 0 : 1, detail);
  return true;
}

void insert_event(store::Connection& db, const std::string& id, const TimelineRow& row) {
  db.run(
      "INSERT INTO outbox_event (id, at_ms, node, event, channel, detail)"
      " SELECT ?1,?2,?3,?4,?5,?6 WHERE ?4 NOT IN ('attempt', 'failed', 'parked')"
      " OR (SELECT COUNT(*) FROM outbox_event WHERE id=?1) < ?7",
      id, row.at_ms, row.node, row.event, row.channel, row.detail, kMaxTimeline);
}

std::vector<TimelineRow> timeline(store::Connection& db, const std::string& id) {
  auto rows = db.prepare(
      "SELECT at_ms, node, event, channel, detail FROM outbox_event WHERE id=?1 ORDER BY rowid");
  rows.bind(1, id);
  std::vector<TimelineRow> all;
  while (rows.step()) {
    all.push_back({rows.int64(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4)});
  }
  return all;
}

Totals totals(store::Connection& db) {
  const int stored = static_cast<int>(Rank::stored);
  return {db.number("SELECT COUNT(*) FROM outbox_message WHERE open=1").value_or(0),
          db.number("SELECT COUNT(*) FROM outbox_message WHERE rank>=?1", stored).value_or(0),
          db.number("SELECT COUNT(*) FROM outbox_message WHERE open=0 AND rank<?1", stored)
              .value_or(0)};
}

void prune(store::Connection& db, Stamp before) {
  db.run(
      "DELETE FROM outbox_event WHERE id IN"
      " (SELECT id FROM outbox_message WHERE open=0 AND exp<?1 ORDER BY exp LIMIT ?2)",
      before, kPruneBatch);
  db.run(
      "DELETE FROM outbox_message WHERE id IN"
      " (SELECT id FROM outbox_message WHERE open=0 AND exp<?1 ORDER BY exp LIMIT ?2)",
      before, kPruneBatch);
  db.run("DELETE FROM outbox_key WHERE at_ms<?1", before);
}

}  // namespace fleet::delivery
