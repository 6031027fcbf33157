// Reads the outer JSON of an envelope from bytes that nobody has vouched for. Its own scanner,
// since a general one would copy the half megabyte of payload text before it knows what it holds:
// here the five fields are views into the input, and the payload is the only thing that is ever
// allocated.
#include <algorithm>
#include <array>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/model/envelope.h"

namespace fleet {

namespace {

constexpr std::size_t kMaxKeyIdBytes = 64;

Error broken(std::size_t at, const std::string& problem) {
  return refuse(Code::malformed, "envelope at byte " + std::to_string(at) + ": " + problem);
}

// A cursor over JSON tokens; position() says where it stopped.
class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}
  std::size_t position() const { return at_; }
  bool at_end() {
    skip_space();
    return at_ == json_.size();
  }

  bool take(char token) {
    skip_space();
    if (at_ == json_.size() || json_[at_] != token) return false;
    ++at_;
    return true;
  }

  // The raw text between two quotes, escapes left as they are. What a field may hold is checked by
  // its decoder, all of which refuse control bytes; so here the only question is where it ends.
  std::optional<std::string_view> take_string() {
    if (!take('"')) return std::nullopt;
    const std::size_t start = at_;
    for (std::size_t from = start; true; from = at_) {
      const std::size_t quote = json_.find('"', from);
      if (quote == json_.npos) return std::nullopt;
      at_ = quote + 1;
      if (!escaped(start, quote)) return json_.substr(start, quote - start);
    }
  }

 private:
  void skip_space() {
    while (at_ < json_.size() && std::string_view(" \t\r\n").find(json_[at_]) != json_.npos) ++at_;
  }

  // A quote belongs to the text where an odd number of backslashes stands before it.
  bool escaped(std::size_t start, std::size_t quote) const {
    std::size_t backslashes = 0;
    while (quote - backslashes > start && json_[quote - backslashes - 1] == '\\') ++backslashes;
    return backslashes % 2 == 1;
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

// Every character of every field is printable ASCII, but a road that re-encodes JSON may have
// written some of them as \/ or \u00XX. Only such fields are copied.
std::optional<std::string> unescape(std::string_view raw) {
  std::string plain;
  plain.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      plain.push_back(raw[i]);
      continue;
    }
    const std::string_view escape = raw.substr(i + 1, 5);
    if (escape.starts_with('/')) {
      plain.push_back('/');
      i += 1;
      continue;
    }
    std::string digits(escape.size() == 5 && escape.starts_with("u00") ? escape.substr(3) : "");
    for (char& c : digits) c = static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
    const auto byte = from_hex(digits);
    if (!byte || byte->empty() || static_cast<unsigned char>(byte->front()) >= 0x80)
      return std::nullopt;
    plain.push_back(byte->front());
    i += 5;
  }
  return plain;
}

struct Field {
  std::string_view name;
  bool seen = false;
  std::string_view raw{};
};

// The outer fields as they stand in the text.
class Outer {
 public:
  Result<> read(std::string_view json) {
    Scanner scan(json);
    if (!scan.take('{')) return broken(scan.position(), "an object must stand here");
    do {
      const auto field = read_field(scan);
      if (!field) return field;
    } while (scan.take(','));
    if (!scan.take('}')) return broken(scan.position(), "',' or '}' must stand here");
    if (!scan.at_end()) return broken(scan.position(), "bytes follow the object");
    return all_seen();
  }

  std::string_view raw(std::size_t index) const { return fields_[index].raw; }

 private:
  Result<> read_field(Scanner& scan) {
    const auto name = scan.take_string();
    if (!name || !scan.take(':')) return broken(scan.position(), "\"name\": must stand here");
    const auto field = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const Field& known) { return known.name == *name; });
    if (field == fields_.end())
      return broken(scan.position(), "a field beside fn, t, k, p and s stands here");
    if (std::exchange(field->seen, true)) return broken(scan.position(), "the field stands twice");
    if (field->name == "fn") return read_version(scan);
    const auto value = scan.take_string();
    if (!value) return broken(scan.position(), "a string must stand here");
    field->raw = *value;
    return {};
  }

  // A longer number is caught by whatever is expected after it.
  static Result<> read_version(Scanner& scan) {
    if (scan.take('1')) return {};
    return refuse(Code::invalid, "unknown_version",
                  "envelope: fn must be 1; this node speaks no other version");
  }

  Result<> all_seen() const {
    for (const Field& field : fields_)
      if (!field.seen)
        return Error{Code::invalid,
                     "",
                     "envelope: the field \"" + std::string(field.name) + "\" is missing",
                     {{std::string(field.name), "is missing"}}};
    return {};
  }

  std::array<Field, 5> fields_{{{"fn"}, {"t"}, {"k"}, {"p"}, {"s"}}};
};

// Calls use(text) with the field's plain text, copied only where it holds an escape.
template <class Use>
auto with_plain(std::string_view raw, Use use) -> decltype(use(raw)) {
  if (raw.find('\\') == raw.npos) return use(raw);
  const auto plain = unescape(raw);
  if (!plain) return std::nullopt;
  return use(std::string_view(*plain));
}

std::optional<std::string> checked_key_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '.' ||
           c == '_';
  };
  if (text.empty() || text.size() > kMaxKeyIdBytes ||
      !std::all_of(text.begin(), text.end(), allowed))
    return std::nullopt;
  return std::string(text);
}

Error bad_field(std::string name, std::string problem) {
  std::string message = "envelope: " + name + " " + problem;
  return Error{Code::invalid, "", std::move(message), {{std::move(name), std::move(problem)}}};
}

}  // namespace

Result<Envelope> parse_envelope(std::string_view json, std::size_t max_bytes) {
  if (json.size() > max_bytes)
    return refuse(Code::too_large, "envelope is larger than " + std::to_string(max_bytes) +
                                       " bytes; send larger content by reference");
  Outer outer;
  if (const auto read = outer.read(json); !read) return read.error();
  const auto type = with_plain(outer.raw(1), payload_type_named);
  if (!type) return bad_field("t", "is not a payload type that this node knows");
  auto key = with_plain(outer.raw(2), checked_key_id);
  if (!key) return bad_field("k", "is not a key id");
  auto signature = with_plain(outer.raw(4), from_base64url);
  const std::size_t expected = key->starts_with(kPskPrefix) ? kSha256Size : kSignatureSize;
  if (!signature || signature->size() != expected)
    return bad_field("s", "must be the base64url of " + std::to_string(expected) + " bytes");
  auto payload = with_plain(outer.raw(3), from_base64url);
  if (!payload) return bad_field("p", "is not strict base64url");
  return Envelope{*type, std::move(*key), std::move(*payload), std::move(*signature)};
}

}  // namespace fleet
