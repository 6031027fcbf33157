// The receiver's side: the one place where a message becomes durable and is stated to be. Every
// inbound road ends in accept(): judge, open, commit, and only then a receipt. It sends nothing;
// whoever carries frames asks it what is owed to an origin. (spec: delivery §1, §2)
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "fleet/base/result.h"
#include "fleet/core/streams.h"
#include "fleet/model/receipt.h"
#include "io/clock.h"
#include "services/inbox/rules.h"
#include "services/inbox/table.h"
#include "services/trust/membership.h"
#include "store/database.h"

namespace fleet::inbox {

// A fact that its origin has not been told yet, and how to note that it was.
struct Owed {
  Receipt receipt{};
  std::vector<std::pair<std::string, Rank>> told{};
  bool empty() const { return told.empty(); }
};

class InboxService {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    store::Database& db;
    const trust::Membership& membership;
    const trust::Policy& policy;
    const Crypto& crypto;
    catalogue::EventStream& events;
    Epoch epoch = 0;  // of this start of the daemon
  };
  explicit InboxService(Needs needs);
  static void describe(catalogue::Catalogue& catalogue);

  // Before the first accept(): presents what waited for a gap when the last daemon ended.
  Task<Result<void>> open();

  // Stores what is for this node and returns one unsigned receipt per origin, after the commit.
  // An error is the store's: nothing was stored, nothing may be claimed.
  Task<Result<std::vector<Receipt>>> accept(std::vector<trust::Verified> arrivals, std::string via);
  Task<Result<void>> learn_voids(NodeId origin, std::vector<VoidRange> voids);

  // Everything this node states to an origin: its newest streams and the facts not told yet.
  Owed owed(const NodeId& origin);
  bool owes(const NodeId& origin) const { return owing_.contains(origin); }
  std::vector<NodeId> owing() const;
  Task<void> mark_told(std::vector<std::pair<std::string, Rank>> told, NodeId origin);

  // Raises the standing of a message here; notes that its origin must hear of it.
  Task<Result<bool>> raise(std::string id, Rank rank, std::string detail);

  Task<Result<InboxPage>> list(InboxRequest request, catalogue::Caller caller);
  Task<Result<AckReply>> ack(AckRequest request, catalogue::Caller caller);

  std::int64_t unread() { return count_unread(needs_.db.reader()); }

  // Told of every origin that has to hear something. Set once, by whoever carries frames.
  void on_owing(std::function<void(const NodeId&)> tell) { tell_ = std::move(tell); }
  store::Database& database() { return needs_.db; }

 private:
  struct Batch;
  using StreamKey = std::pair<NodeId, Epoch>;

  NewMessage open_message(const trust::Verified& arrival, const MessageHeader& header,
                          std::string_view sealed, const Judged& judged, const std::string& via);
  std::vector<NewMessage> read(const std::vector<trust::Verified>& arrivals,
                               const std::string& via);
  core::ReceiverStream& stream(const NodeId& origin, Epoch epoch);
  void note(const Batch& batch);
  std::vector<Receipt> receipts(const Batch& batch);
  Receipt blank(const NodeId& origin) const;
  void wait_out_gap(const StreamId& stream, std::uint64_t dseq);
  void owe(const NodeId& origin);
  void note_heard(const NodeId& origin, const std::vector<VoidRange>& voids);

  Needs needs_;
  std::map<StreamKey, core::ReceiverStream> streams_{};
  std::map<NodeId, bool> owing_{};
  std::map<NodeId, std::set<Epoch>> heard_voids_{};  // not stated in a receipt since
  std::function<void(const NodeId&)> tell_{};
};

}  // namespace fleet::inbox
