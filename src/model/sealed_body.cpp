#include "fleet/model/sealed_body.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"
#include "fleet/base/utf8.h"

namespace fleet {

namespace {

constexpr std::size_t kFixedFields = 3;  // subject, body, session; then the references
constexpr std::string_view kZeroNonce{"\0\0\0\0\0\0\0\0\0\0\0\0", kNonceSize};

std::string aad_of(const MessageHeader& header, std::string_view sender_key_id) {
  return pae({"fn/body/1", header.fleet, header.from, header.to, to_string(header.id),
              std::to_string(header.dseq), to_string(header.type), std::to_string(header.ts.ms),
              std::to_string(header.exp.ms), sender_key_id});
}

Secret wrap_key(const Crypto& crypto, const Secret& shared, std::string_view ephemeral,
                std::string_view recipient, std::string_view aad) {
  return crypto.hkdf_sha256(shared, "", pae({"fn/wrap/1", ephemeral, recipient, sha256(aad)}),
                            kKeySize);
}

std::size_t plain_size(const MessageBody& body) {
  std::size_t size = 8 + 8 * (kFixedFields + body.refs.size()) + body.subject.size() +
                     body.body.size() + body.session.size();
  for (const auto& ref : body.refs) size += ref.size();
  return (size + kBodyPadding - 1) / kBodyPadding * kBodyPadding;
}

// LE64(count) ‖ for each LE64(length) ‖ bytes, then zeroes up to the next step.
std::string lay_out(const MessageBody& body) {
  std::string plain;
  plain.reserve(plain_size(body));
  append_le64(plain, kFixedFields + body.refs.size());
  const auto append = [&plain](std::string_view field) {
    append_le64(plain, field.size());
    plain.append(field);
  };
  append(body.subject);
  append(body.body);
  append(body.session);
  for (const auto& ref : body.refs) append(ref);
  plain.resize(plain_size(body), '\0');
  return plain;
}

std::optional<std::string> take_field(std::string_view& in) {
  const auto size = take_le64(in);
  if (!size || *size > in.size()) return std::nullopt;
  std::string field(in.substr(0, *size));
  in.remove_prefix(*size);
  return field;
}

bool only_padding(std::string_view rest) {
  return rest.size() < kBodyPadding && rest.find_first_not_of('\0') == rest.npos;
}

std::optional<MessageBody> read_back(std::string_view plain) {
  const auto count = take_le64(plain);
  if (!count || *count < kFixedFields || *count > kFixedFields + kMaxRefs) return std::nullopt;
  std::vector<std::string> fields;
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto field = take_field(plain);
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  }
  if (!only_padding(plain)) return std::nullopt;
  MessageBody body{std::move(fields[0]), std::move(fields[1]), std::move(fields[2]), {}};
  body.refs.assign(std::make_move_iterator(fields.begin() + kFixedFields),
                   std::make_move_iterator(fields.end()));
  return body;
}

Error does_not_open() {
  return refuse(Code::invalid, "body_unreadable",
                "the sealed body does not open with this node's box key; the sender's roster may "
                "be old and needs the repair action resync_roster");
}

Error too_long(const char* path, std::size_t limit) {
  const std::string problem = "is longer than " + std::to_string(limit) + " bytes";
  return Error{Code::too_large,
               "",
               std::string(path) + " " + problem + "; send it by reference",
               {{path, problem}}};
}

Result<> check_text(const char* path, std::string_view text, std::size_t limit) {
  if (text.size() > limit) return too_long(path, limit);
  if (valid_utf8(text)) return {};
  return Error{Code::invalid,
               "",
               std::string(path) + " is not valid UTF-8; encode it first",
               {{path, "is not valid UTF-8"}}};
}

}  // namespace

Result<void> check_body(const MessageBody& body) {
  if (auto fault = check_text("subject", body.subject, kMaxSubjectBytes); !fault) return fault;
  if (auto fault = check_text("body", body.body, kMaxBodyBytes); !fault) return fault;
  if (auto fault = check_text("session", body.session, kMaxSessionBytes); !fault) return fault;
  if (body.refs.size() > kMaxRefs)
    return refuse(Code::too_large, "refs has more than " + std::to_string(kMaxRefs) + " entries");
  std::size_t total = 0;
  for (const auto& ref : body.refs) {
    if (auto fault = check_text("refs", ref, kMaxRefsBytes); !fault) return fault;
    total += ref.size();
  }
  if (total > kMaxRefsBytes) return too_long("refs", kMaxRefsBytes);
  return {};
}

std::size_t sealed_size(const MessageBody& body) { return kKeySize + plain_size(body) + kTagSize; }

Result<std::string> seal_body(const Crypto& crypto, Rng& rng, std::string_view recipient_box_public,
                              const MessageHeader& header, std::string_view sender_key_id,
                              const MessageBody& body) {
  if (auto fault = check_body(body); !fault) return fault.error();
  const BoxKeyPtr ephemeral = crypto.box_key(Secret::random(rng, kKeySize));
  const auto shared = ephemeral->agree(recipient_box_public);
  if (!shared)
    return refuse(Code::invalid, "bad_box_key",
                  "the box key of '" + header.to + "' is unusable; pair that node again");
  const std::string aad = aad_of(header, sender_key_id);
  const Secret key = wrap_key(crypto, *shared, ephemeral->public_key(), recipient_box_public, aad);
  return ephemeral->public_key() + crypto.seal(key, kZeroNonce, aad, lay_out(body));
}

Result<MessageBody> open_body(const Crypto& crypto, const BoxKey& mine, const MessageHeader& header,
                              std::string_view sender_key_id, std::string_view sealed) {
  if (sealed.size() < kKeySize + kTagSize) return does_not_open();
  const std::string_view ephemeral = sealed.substr(0, kKeySize);
  const auto shared = mine.agree(ephemeral);
  if (!shared) return does_not_open();
  const std::string aad = aad_of(header, sender_key_id);
  const Secret key = wrap_key(crypto, *shared, ephemeral, mine.public_key(), aad);
  const auto plain = crypto.open(key, kZeroNonce, aad, sealed.substr(kKeySize));
  auto body = plain ? read_back(*plain) : std::nullopt;
  if (!body || !check_body(*body)) return does_not_open();
  return std::move(*body);
}

}  // namespace fleet
