// The outbox's rows. Every function runs inside a job or on the reader; none commits by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/core/receipts.h"
#include "fleet/model/message.h"
#include "store/connection.h"
#include "store/migration.h"

namespace fleet::delivery {

extern const store::Migrations kMigrations;

struct NewRow {
  MessageHeader header{};
  MessageBody body{};
  std::string batch{};  // of a message to several, else empty
  std::string via{};    // the one channel the user named, else empty
  std::string hash{};
  std::string wire{};
};

struct Row {
  std::string id{}, batch{}, re{}, via{}, detail{};
  NodeId destination{};
  Epoch epoch = 0;
  std::uint64_t dseq = 0;
  MessageType type = MessageType::context;
  Stamp ts{}, exp{};
  std::string hash{};
  core::RecipientState state{};
  bool open = true;
};

struct TimelineRow {
  std::int64_t at_ms = 0;
  std::string node{}, event{}, channel{}, detail{};
};

void insert(store::Connection& db, const NewRow& row);
void insert_key(store::Connection& db, const std::string& key, const std::string& id, Stamp now);
std::optional<std::string> id_of_key(store::Connection& db, const std::string& key);

std::optional<Row> find(store::Connection& db, const std::string& id);
std::optional<Row> find(store::Connection& db, const StreamId& stream, std::uint64_t dseq);
// Whether anything was ever sent in it, as far as the outbox remembers.
bool knows_stream(store::Connection& db, const StreamId& stream);
std::vector<Row> batch_rows(store::Connection& db, const std::string& batch);
std::vector<Row> open_rows(store::Connection& db, std::int64_t limit);
// What the destination must have, above a dseq, oldest first: what it had receipted, and what is
// open, since a receipt of a moment ago may still be on its way to the disk.
std::vector<Row> expected_rows(store::Connection& db, const StreamId& stream, std::uint64_t above,
                               std::int64_t limit);
std::optional<std::string> wire(store::Connection& db, const std::string& id);
// dseqs that were given up and that their destination may still wait for.
std::vector<Row> untold_voids(store::Connection& db);
void void_told(store::Connection& db, const StreamId& stream, std::uint64_t first,
               std::uint64_t last);

// Stores the merge of what the row says and `state`; closes the row where that settles it. False
// where it says so already.
bool merge_state(store::Connection& db, const std::string& id, const core::RecipientState& state,
                 const std::string& detail);
void insert_event(store::Connection& db, const std::string& id, const TimelineRow& row);
std::vector<TimelineRow> timeline(store::Connection& db, const std::string& id);

struct Totals {
  std::int64_t open = 0;
  std::int64_t delivered = 0;
  std::int64_t given_up = 0;
};
Totals totals(store::Connection& db);
// Forgets what was settled or given up before `before`; bounded work per call.
void prune(store::Connection& db, Stamp before);

}  // namespace fleet::delivery
