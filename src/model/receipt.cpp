#include "fleet/model/receipt.h"

#include <nlohmann/json.hpp>

#include "model/wire_reader.h"

namespace fleet {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxStreams = 64;
constexpr std::size_t kMaxItems = 1024;  // ranges, exceptions, gaps or facts
constexpr std::size_t kTipBytes = 16;
constexpr std::size_t kMaxDetail = 1024;

json encode(const StreamReceipt& stream) {
  json settled = json::array();
  for (const SettledRange& range : stream.settled) {
    settled.push_back({range.first, range.last, to_base64url(range.tip)});
  }
  json out{{"e", epoch_text(stream.epoch)}, {"settled", std::move(settled)}};
  if (!stream.except.empty()) out["except"] = stream.except;
  if (!stream.missing.empty()) out["missing"] = stream.missing;
  return out;
}

json encode(const ReceiptFact& fact) {
  json out{{"e", epoch_text(fact.epoch)},
           {"d", fact.dseq},
           {"rank", to_string(fact.rank)},
           {"at", fact.at.ms}};
  if (fact.flag != Flag::none) out["flag"] = to_string(fact.flag);
  if (!fact.hash.empty()) out["hash"] = to_base64url(fact.hash);
  if (!fact.detail.empty()) out["detail"] = fact.detail;
  return out;
}

bool dseq(const json& item) { return item.is_number_unsigned() && item.get<std::uint64_t>() > 0; }

std::vector<std::uint64_t> read_dseqs(WireReader& in, std::string_view name) {
  std::vector<std::uint64_t> values;
  for (const json& item : in.items(name, kMaxItems)) {
    if (!dseq(item)) return in.fail(name, "must hold positive integers"), values;
    values.push_back(item.get<std::uint64_t>());
  }
  return values;
}

// [first, last, tip]; ranges ascend and do not touch, else the sender's merge could be fooled.
std::vector<SettledRange> read_settled(WireReader& in) {
  std::vector<SettledRange> ranges;
  for (const json& item : in.items("settled", kMaxItems)) {
    const bool shaped = item.is_array() && item.size() == 3 && dseq(item[0]) && dseq(item[1]) &&
                        item[2].is_string();
    if (!shaped) return in.fail("settled", "must hold [first, last, tip]"), ranges;
    SettledRange range{item[0].get<std::uint64_t>(), item[1].get<std::uint64_t>(), ""};
    auto tip = from_base64url(item[2].get_ref<const std::string&>());
    const bool ascends =
        range.first <= range.last && (ranges.empty() || ranges.back().last < range.first);
    if (!ascends || !tip || (!tip->empty() && tip->size() != kTipBytes)) {
      return in.fail("settled", "has a range that is out of order or has a bad tip"), ranges;
    }
    range.tip = std::move(*tip);
    ranges.push_back(std::move(range));
  }
  return ranges;
}

StreamReceipt read_stream(const json& item, WireReader& outer) {
  WireReader in(item, "receipt.streams");
  StreamReceipt stream{in.epoch("e"), read_settled(in), read_dseqs(in, "except"),
                       read_dseqs(in, "missing")};
  outer.absorb(in);
  return stream;
}

Flag read_flag(WireReader& in) {
  if (!in.has("flag")) return Flag::none;
  const std::string name = in.text("flag");
  for (const Flag flag : {Flag::held, Flag::refused}) {
    if (name == to_string(flag)) return flag;
  }
  in.fail("flag", "is not a receiver's flag");
  return Flag::none;
}

// A receiver states held or refused without a rank above accepted, all else from stored upwards.
ReceiptFact read_fact(const json& item, WireReader& outer) {
  WireReader in(item, "receipt.facts");
  ReceiptFact fact;
  fact.epoch = in.epoch("e");
  fact.dseq = in.natural("d");
  const auto rank = parse_rank(in.text("rank"));
  if (in.ok() && !rank) in.fail("rank", "is not a rank");
  fact.rank = rank.value_or(Rank::accepted);
  fact.flag = read_flag(in);
  if (in.has("hash")) fact.hash = in.bytes("hash", 32);
  fact.detail = in.optional_text("detail", kMaxDetail);
  fact.at = Stamp{in.integer("at")};
  if (in.ok() && fact.rank == Rank::handed) in.fail("rank", "is a hop's word, not a receiver's");
  outer.absorb(in);
  return fact;
}

VoidRange read_void(const json& item, WireReader& outer) {
  WireReader in(item, "receipt.voids");
  VoidRange range{in.epoch("e"), in.natural("first"), in.natural("last")};
  if (in.ok() && range.first > range.last) in.fail("last", "is below first");
  outer.absorb(in);
  return range;
}

}  // namespace

std::string encode_receipt(const Receipt& receipt) {
  json out{{"v", kVersion},
           {"from", receipt.from},
           {"to", receipt.to},
           {"epoch", epoch_text(receipt.epoch)},
           {"ts", receipt.ts.ms}};
  for (const StreamReceipt& stream : receipt.streams) out["streams"].push_back(encode(stream));
  for (const ReceiptFact& fact : receipt.facts) out["facts"].push_back(encode(fact));
  for (const VoidRange& range : receipt.voids) {
    out["voids"].push_back(
        {{"e", epoch_text(range.epoch)}, {"first", range.first}, {"last", range.last}});
  }
  return out.dump();
}

Result<Receipt> decode_receipt(std::string_view payload) {
  JsonLimits limits;
  limits.keys = 16 * kMaxItems;
  auto parsed = parse_strict_json(payload, limits);
  if (!parsed) return parsed.error();
  WireReader in(*parsed, "receipt");
  if (in.integer("v") != kVersion && in.ok()) in.fail("v", "is a version this node cannot read");
  Receipt receipt{
      in.node("from"), in.node("to"), in.epoch("epoch"), Stamp{in.integer("ts")}, {}, {}, {}};
  for (const json& item : in.items("streams", kMaxStreams)) {
    receipt.streams.push_back(read_stream(item, in));
  }
  for (const json& item : in.items("facts", kMaxItems))
    receipt.facts.push_back(read_fact(item, in));
  for (const json& item : in.items("voids", kMaxItems))
    receipt.voids.push_back(read_void(item, in));
  if (!in.ok()) return in.error();
  return receipt;
}

}  // namespace fleet
