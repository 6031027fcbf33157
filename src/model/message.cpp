#include "fleet/model/message.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "model/wire_reader.h"

namespace fleet {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxBehalf = 2;  // delegation depth, security §6

MessageType read_type(WireReader& in) {
  const auto type = parse_message_type(in.text("type"));
  if (in.ok() && !type) in.fail("type", "is not a message type");
  return type.value_or(MessageType::context);
}

MessageId read_id(WireReader& in) {
  auto id = MessageId::parse(in.text("id"));
  if (in.ok() && !id) in.fail("id", "is not a message id");
  return std::move(id).value_or(MessageId{});
}

MessageHeader read_header(WireReader& in) {
  MessageHeader header;
  if (in.integer("v") != kVersion && in.ok()) in.fail("v", "is a version this node cannot read");
  header.id = read_id(in);
  header.dseq = in.natural("dseq");
  header.fleet = in.text("fleet");
  header.from = in.node("from");
  header.to = in.node("to");
  header.type = read_type(in);
  header.ts = Stamp{in.integer("ts")};
  header.exp = Stamp{in.integer("exp")};
  header.re = in.optional_text("re");
  header.was = in.optional_text("was");
  header.obo = in.texts("obo", kMaxBehalf);
  header.crit = in.texts("crit", 16);
  if (in.has("skew")) header.skew = Millis{in.integer("skew")};
  if (in.ok() && header.id.origin != header.from) in.fail("id", "names another origin than from");
  return header;
}

}  // namespace

std::string encode_message(const MessageHeader& header, std::string_view sealed_body) {
  json out{{"v", kVersion},
           {"id", to_string(header.id)},
           {"dseq", header.dseq},
           {"fleet", header.fleet},
           {"from", header.from},
           {"to", header.to},
           {"type", to_string(header.type)},
           {"ts", header.ts.ms},
           {"exp", header.exp.ms},
           {"body", to_base64url(sealed_body)}};
  if (!header.re.empty()) out["re"] = header.re;
  if (!header.was.empty()) out["was"] = header.was;
  if (!header.obo.empty()) out["obo"] = header.obo;
  if (!header.crit.empty()) out["crit"] = header.crit;
  if (header.skew.count() != 0) out["skew"] = header.skew.count();
  return out.dump();
}

Result<DecodedMessage> decode_message(std::string_view payload) {
  auto parsed = parse_strict_json(payload);
  if (!parsed) return parsed.error();
  WireReader in(*parsed, "message");
  DecodedMessage message;
  message.header = read_header(in);
  message.sealed_body = in.bytes("body");
  // This version knows no extension, so whatever is critical is unknown.
  if (in.ok() && !message.header.crit.empty()) {
    in.fail("crit", "names '" + message.header.crit.front() + "', which this node does not know");
  }
  if (!in.ok()) return in.error();
  return message;
}

}  // namespace fleet
