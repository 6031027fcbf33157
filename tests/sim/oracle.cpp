#include "sim/oracle.h"

#include <nlohmann/json.hpp>

#include "services/inbox/table.h"

namespace fleet::sim {
namespace {

std::string text_of(const nlohmann::json& data, const char* name) {
  return data.contains(name) ? data.at(name).get<std::string>() : std::string();
}

bool has_row(store::Connection& db, const char* sql, const std::string& id) {
  return db.number(sql, id).has_value();
}

constexpr const char* kInOutbox = "SELECT 1 FROM outbox_message WHERE id=?1";
constexpr const char* kInInbox = "SELECT 1 FROM inbox_message WHERE id=?1";

}  // namespace

void Oracle::violate(const std::string& what, const std::string& id) {
  world_.violate(id + ": " + what);
}

store::Connection* Oracle::disk_of(const NodeId& node) const {
  SimNode& at = *nodes_.at(node);
  return at.has_process() && at.now_living().db ? &at.now_living().db->reader() : nullptr;
}

void Oracle::accepted(SimNode& at, const std::string& id) {
  if (sent_.contains(id)) return violate("the name of an accepted message was given again", id);
  auto row = disk_of(at.name())->prepare("SELECT destination FROM outbox_message WHERE id=?1");
  row.bind(1, id);
  if (!row.step()) return violate("answered as accepted, but it is not in the outbox", id);
  sent_[id] = {at.name(), row.text(0)};
}

void Oracle::acked(SimNode& at, const std::string& id) {
  static_cast<void>(at);
  if (const auto sent = sent_.find(id); sent != sent_.end()) sent->second.acked = true;
}

void Oracle::presented(SimNode& at, const std::vector<inbox::InboxItem>& page) {
  for (const inbox::InboxItem& item : page) {
    const auto [known, fresh] = positions_[at.name()].try_emplace(item.id, item.position);
    if (!fresh) violate("presented twice at " + at.name(), item.id);
  }
}

// Alerts and broadcasts once to every session, everything else once.
void Oracle::shown(SimNode& at, const std::string& session, const std::string& text) {
  constexpr std::string_view kId = " id=\"";
  for (std::size_t block = text.find("<fleet-"); block != text.npos;
       block = text.find("<fleet-", block + 1)) {
    const std::size_t from = text.find(kId, block) + kId.size();
    const std::string id = text.substr(from, text.find('"', from) - from);
    world_.trace(at.name(), session + " shows " + id);
    const auto type = disk_of(at.name())->number("SELECT type FROM inbox_message WHERE id=?1", id);
    const bool to_all = type == static_cast<int>(MessageType::alert) ||
                        type == static_cast<int>(MessageType::broadcast);
    if (!shown_[at.name()].insert(to_all ? id + ' ' + session : id).second) {
      violate("shown twice at " + at.name() + ", again in " + session, id);
    }
  }
}

void Oracle::seen_here(SimNode& at, const std::string& id) {
  if (was_restored(at.name())) return;
  const auto& shown = shown_[at.name()];
  const auto found = shown.lower_bound(id);
  if (found == shown.end() || !found->starts_with(id)) {
    violate("said to be seen at " + at.name() + ", but no session showed it", id);
  }
}

void Oracle::observed(SimNode& at, const catalogue::StreamEvent& event) {
  world_.trace(at.name(), event.type + ' ' + event.data.dump());
  if (event.type == "message.conflict" || event.type == "envelope.refused") {
    return violate(event.type + " at " + at.name(), event.data.dump());
  }
  if (!event.type.starts_with("message.")) return;
  const std::string id = text_of(event.data, "id");
  const bool as_receiver = event.data.contains("via");
  if (as_receiver && (event.type == "message.stored" || event.type == "message.held")) {
    if (holds(at.name(), id)) durable_[at.name()].insert(id);
    return;
  }
  if (event.type == "message.seen" && event.data.contains("from")) return seen_here(at, id);
  const auto rank = parse_rank(event.type.substr(8));
  if (rank && *rank >= Rank::stored && !as_receiver && !event.data.contains("from")) {
    settled_at_sender(at, id, *rank);
  }
}

void Oracle::settled_at_sender(SimNode& at, const std::string& id, Rank rank) {
  const auto known = sent_.find(id);
  if (known == sent_.end() || known->second.from != at.name()) return;
  Sent& sent = known->second;
  sent.rank = std::max(sent.rank, rank);
  if (sent.forgiven || durable_[sent.to].contains(id)) return;
  if (!disk_of(sent.to)) return;  // asked again when it starts
  if (!holds(sent.to, id)) violate("said to be stored, but its receiver does not hold it", id);
}

bool Oracle::holds(const NodeId& node, const std::string& id) const {
  store::Connection* disk = disk_of(node);
  return disk != nullptr && has_row(*disk, kInInbox, id);
}

void Oracle::started(SimNode& at) {
  if (just_restored_.contains(at.name())) forgive(at);
  store::Connection& db = *disk_of(at.name());
  for (const auto& [id, sent] : sent_) {
    if (sent.from == at.name() && !sent.lost && !has_row(db, kInOutbox, id)) {
      violate("accepted, and gone after a restart", id);
    }
    if (sent.to != at.name() || sent.forgiven) continue;
    if (sent.rank >= Rank::stored && !has_row(db, kInInbox, id)) {
      violate("said to be stored, and gone after the receiver's restart", id);
    }
  }
  for (const std::string& id : durable_[at.name()]) {
    if (!has_row(db, kInInbox, id)) violate("was stored, and gone after a restart", id);
  }
}

void Oracle::forgive(SimNode& at) {
  const NodeId& node = at.name();
  store::Connection& db = *disk_of(node);
  for (auto& [id, sent] : sent_) {
    if (sent.from == node) {
      sent.rank = Rank::accepted;
      if (!has_row(db, kInOutbox, id)) sent.lost = true;
    }
    if (sent.to == node) {
      sent.acked = false;
      if (durable_[node].contains(id) && !has_row(db, kInInbox, id)) sent.forgiven = true;
    }
  }
  std::erase_if(durable_[node], [&](const std::string& id) { return !has_row(db, kInInbox, id); });
  shown_[node].clear();
  positions_[node].clear();
  just_restored_.erase(node);
  ever_restored_.insert(node);
}

// --- at the end ----------------------------------------------------------------------------------

void Oracle::judge() {
  for (const auto& [id, sent] : sent_) {
    if (!sent.lost) judge_row(id, sent);
  }
  for (const auto& [name, node] : nodes_) {
    judge_inbox(*node);
    judge_streams(*node);
  }
}

void Oracle::judge_row(const std::string& id, const Sent& sent) {
  auto row = disk_of(sent.from)->prepare(
      "SELECT rank, flags, open, detail FROM outbox_message WHERE id=?1");
  row.bind(1, id);
  if (!row.step()) return violate("accepted, and gone at the end", id);
  const auto state = core::RecipientState::from_row(static_cast<Rank>(row.int64(0)),
                                                    static_cast<std::uint8_t>(row.int64(1)));
  const bool excused = ever_restored_.contains(sent.to) || ever_restored_.contains(sent.from);
  if (state.rank() < sent.rank) violate("its rank fell", id);
  if (state.delivered()) {
    ++stored_;
    if (!sent.forgiven && !holds(sent.to, id)) violate("stored, but not at its receiver", id);
    if (sent.acked && state.rank() < Rank::done && !excused) {
      violate("acknowledged, and its sender never heard of it", id);
    }
  } else if (state.has(Flag::refused)) {
    if (!ever_restored_.contains(sent.to)) judge_refusal(id, sent);
  } else if (state.flag() == Flag::none || row.int64(2) != 0) {
    violate("neither stored nor settled at the end", id);
  }
}

void Oracle::judge_refusal(const std::string& id, const Sent& sent) {
  auto row = disk_of(sent.from)->prepare("SELECT epoch, dseq FROM outbox_message WHERE id=?1");
  row.bind(1, id);
  row.step();
  const auto refused = disk_of(sent.to)->number(
      "SELECT 1 FROM inbox_settled WHERE origin=?1 AND epoch=?2 AND dseq=?3 AND outcome<>0",
      sent.from, row.int64(0), row.int64(1));
  if (!refused) violate("said to be refused, but its receiver did not refuse it", id);
}

void Oracle::judge_inbox(SimNode& at) {
  auto rows = disk_of(at.name())->prepare("SELECT id, body, position FROM inbox_message");
  std::map<std::string, std::string> bodies;
  while (rows.step()) {
    const auto [first, fresh] = bodies.try_emplace(rows.text(1), rows.text(0));
    // A sender that lost the key of an earlier call with its disk may send once more.
    const auto id = MessageId::parse(rows.text(0));
    const bool excused = id && ever_restored_.contains(id->origin);
    if (!fresh && !excused) violate("stored a second time, as " + first->second, rows.text(0));
    if (rows.text(2).empty()) violate("never presented at " + at.name(), rows.text(0));
  }
}

// Dense from 1: every number is stored, refused or void.
void Oracle::judge_streams(SimNode& at) {
  auto rows = disk_of(at.name())->prepare(
      "SELECT origin, epoch, COUNT(*), MAX(dseq) FROM inbox_settled GROUP BY origin, epoch");
  while (rows.step()) {
    if (rows.int64(2) == rows.int64(3)) continue;
    const bool excused =
        ever_restored_.contains(rows.text(0)) || ever_restored_.contains(at.name());
    if (!excused) {
      violate("a gap blocks the watermark at " + at.name(),
              rows.text(0) + '.' + epoch_text(static_cast<Epoch>(rows.int64(1))));
    }
  }
}

}  // namespace fleet::sim
