// The inbox's rows. Every function runs inside a job or on the reader; none commits by itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/model/message.h"
#include "fleet/model/rank.h"
#include "services/inbox/types.h"
#include "store/connection.h"
#include "store/migration.h"

namespace fleet::inbox {

extern const store::Migrations kMigrations;

enum class SettledAs { stored = 0, refused = 1, voided = 2 };

// One verified and opened message on its way into the table.
struct NewMessage {
  MessageHeader header{};
  MessageBody body{};
  std::string hash{};    // 32 bytes, of the envelope
  std::string key_id{};  // that signed it
  std::string via{};
  SettledAs as = SettledAs::stored;
  Flag flag = Flag::none;  // held, where a person must approve
  std::string reason{};    // with refused and held
};

// Positions are given in the same job; `gap` says that this one has none yet.
struct Inserted {
  enum class How {
    fresh,      // settled by this call
    duplicate,  // the same bytes were settled before
    conflict,   // other bytes stand under this dseq
  };
  How how = How::fresh;
  bool gap = false;
};
Inserted insert(store::Connection& db, const NewMessage& message, Stamp now);
// Settles a dseq that its origin declared void; nothing where it is settled already.
void insert_void(store::Connection& db, const StreamId& stream, std::uint64_t dseq,
                 Stamp keep_until);
// The gap before it was waited out: gives it a position, and what waited only for it.
void present(store::Connection& db, const StreamId& stream, std::uint64_t dseq);
// The same for everything that waits, in order; at start, when nobody remembers since when.
void present_all(store::Connection& db);

struct SettledRow {
  std::uint64_t dseq = 0;
  std::string hash{};
  SettledAs as = SettledAs::stored;
};
struct StreamRows {
  std::uint64_t floor = 0;
  std::vector<SettledRow> rows{};  // by dseq
};
StreamRows load_stream(store::Connection& db, const NodeId& origin, Epoch epoch);
// The newest streams of an origin, as far as anything is kept of them.
std::vector<Epoch> recent_epochs(store::Connection& db, const NodeId& origin, int limit);

// A message's state as its receiver states it.
struct Standing {
  std::string id{};
  NodeId origin{};
  Epoch epoch = 0;
  std::uint64_t dseq = 0;
  Rank rank = Rank::stored;
  Flag flag = Flag::none;
  std::string hash{};
  std::string detail{};
  Stamp at{};  // of the rank
};
std::optional<Standing> standing(store::Connection& db, const std::string& id);
// Of a dseq that was refused: why. Empty where it was not.
std::optional<std::string> refusal(store::Connection& db, const MessageHeader& header);
std::vector<Standing> untold(store::Connection& db, const NodeId& origin, int limit);
std::vector<NodeId> origins_untold(store::Connection& db);
void mark_told(store::Connection& db, const std::string& id, Rank rank);
// Raises the rank; false where it stood there or higher already.
bool raise(store::Connection& db, const std::string& id, Rank rank, const std::string& detail,
           Stamp now);

std::vector<InboxItem> page(store::Connection& db, const InboxRequest& request);
std::optional<InboxItem> item(store::Connection& db, const std::string& id);
std::int64_t count_unread(store::Connection& db);
// Forgets read messages and dedupe rows whose time is over; bounded work per call.
void prune(store::Connection& db, Stamp now, Millis keep_read);

}  // namespace fleet::inbox
