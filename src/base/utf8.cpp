#include "fleet/base/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace fleet {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// One code point at the front of `text`; size 0 where its first byte starts none.
struct Decoded {
  char32_t code_point = 0;
  std::size_t size = 0;
};

std::size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

Decoded decode_front(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = length_by_lead(lead);
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {lead, 1};
  char32_t code_point = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {};
    code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest[size] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, size};
}

std::size_t ascii_prefix(std::string_view text) {
  std::size_t n = 0;
  for (std::uint64_t word = 0; n + 8 <= text.size(); n += 8) {
    std::memcpy(&word, text.data() + n, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (n < text.size() && static_cast<unsigned char>(text[n]) < 0x80) ++n;
  return n;
}

bool in(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// C0 without tab and line feed, DEL, C1; the line breaks among them are handled by the caller.
bool is_control(char32_t c) { return (c < 0x20 && c != U'\t' && c != U'\n') || in(c, 0x7F, 0x9F); }

bool is_line_break(char32_t c) {
  return c == U'\r' || c == 0x0B || c == 0x0C || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
  while (true) {
    bytes.remove_prefix(ascii_prefix(bytes));
    if (bytes.empty()) return true;
    const Decoded next = decode_front(bytes);
    if (next.size == 0) return false;
    bytes.remove_prefix(next.size);
  }
}

std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

bool is_invisible(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || in(c, 0x115F, 0x1160) ||
         in(c, 0x17B4, 0x17B5) || in(c, 0x180B, 0x180F) || in(c, 0x200B, 0x200F) ||
         in(c, 0x202A, 0x202E) || in(c, 0x2060, 0x206F) || c == 0x3164 || in(c, 0xFE00, 0xFE0F) ||
         c == 0xFEFF || c == 0xFFA0 || in(c, 0xFFF9, 0xFFFB) || in(c, 0x1D173, 0x1D17A) ||
         in(c, 0xE0000, 0xE0FFF);
}

std::string clean_for_prompt(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode_front(text);
    const bool crlf = next.code_point == U'\r' && text.size() > 1 && text[1] == '\n';
    if (next.size == 0)
      clean += kReplacement;
    else if (is_line_break(next.code_point))
      clean += crlf ? "" : "\n";
    else if (!is_control(next.code_point) && !is_invisible(next.code_point))
      clean += text.substr(0, next.size);
    text.remove_prefix(next.size == 0 ? 1 : next.size);
  }
  return clean;
}

}  // namespace fleet
