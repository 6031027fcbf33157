#include "fleet/base/encoding.h"

#include <array>

namespace fleet {

namespace {

constexpr std::string_view kBase64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNotADigit = 0xFF;

using Digits = std::array<std::uint8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet) {
  Digits digits{};
  for (auto& digit : digits) digit = kNotADigit;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}

constexpr Digits kBase64urlDigits = digits_of(kBase64url);
constexpr Digits kBase32Digits = digits_of(kBase32);
constexpr Digits kHexDigits = digits_of(kHex);

// All three forms are the same loop over a bit buffer; only the digit's width differs.
template <unsigned Bits>
std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text((bytes.size() * 8 + Bits - 1) / Bits, '\0');
  std::size_t at = 0;
  std::uint32_t buffer = 0;
  unsigned held = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(byte);
    for (held += 8; held >= Bits; held -= Bits)
      text[at++] = alphabet[(buffer >> (held - Bits)) & ((1u << Bits) - 1)];
  }
  if (held > 0) text[at] = alphabet[(buffer << (Bits - held)) & ((1u << Bits) - 1)];
  return text;
}

// Refuses a length that no byte string has and bits that no byte needs: one text per byte string.
template <unsigned Bits>
std::optional<std::string> decode(std::string_view text, const Digits& digits) {
  const unsigned stray = static_cast<unsigned>(text.size() * Bits % 8);
  if (stray >= Bits) return std::nullopt;
  std::string bytes(text.size() * Bits / 8, '\0');
  std::size_t at = 0;
  std::uint32_t buffer = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit == kNotADigit) return std::nullopt;
    buffer = (buffer << Bits) | digit;
    held += Bits;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = static_cast<char>(buffer >> held);
  }
  if ((buffer & ((1u << stray) - 1)) != 0) return std::nullopt;
  return bytes;
}

unsigned at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

}  // namespace

// Payloads of half a megabyte pass here twice, hence whole groups of three bytes before the tail.
std::string to_base64url(std::string_view bytes) {
  const std::size_t whole = bytes.size() / 3 * 3;
  std::string text((bytes.size() * 8 + 5) / 6, '\0');
  char* out = text.data();
  for (std::size_t i = 0; i < whole; i += 3) {
    const unsigned group = at(bytes, i) << 16 | at(bytes, i + 1) << 8 | at(bytes, i + 2);
    *out++ = kBase64url[group >> 18];
    *out++ = kBase64url[group >> 12 & 63];
    *out++ = kBase64url[group >> 6 & 63];
    *out++ = kBase64url[group & 63];
  }
  encode<6>(bytes.substr(whole), kBase64url).copy(out, 3);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  const std::size_t whole = text.size() / 4 * 4;
  std::string bytes(text.size() * 6 / 8, '\0');
  char* out = bytes.data();
  for (std::size_t i = 0; i < whole; i += 4) {
    const unsigned a = kBase64urlDigits[at(text, i)], b = kBase64urlDigits[at(text, i + 1)];
    const unsigned c = kBase64urlDigits[at(text, i + 2)], d = kBase64urlDigits[at(text, i + 3)];
    if ((a | b | c | d) > 63) return std::nullopt;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    *out++ = static_cast<char>(b << 4 | c >> 2);
    *out++ = static_cast<char>(c << 6 | d);
  }
  const auto tail = decode<6>(text.substr(whole), kBase64urlDigits);
  if (!tail) return std::nullopt;
  tail->copy(out, tail->size());
  return bytes;
}

std::string to_base32(std::string_view bytes) { return encode<5>(bytes, kBase32); }
std::optional<std::string> from_base32(std::string_view text) {
  return decode<5>(text, kBase32Digits);
}

std::string to_hex(std::string_view bytes) { return encode<4>(bytes, kHex); }
std::optional<std::string> from_hex(std::string_view text) { return decode<4>(text, kHexDigits); }

void append_le64(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8) out.push_back(static_cast<char>(value & 0xFF));
}

std::string le64(std::uint64_t value) {
  std::string out;
  append_le64(out, value);
  return out;
}

std::optional<std::uint64_t> take_le64(std::string_view& in) {
  if (in.size() < 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(8);
  return value;
}

}  // namespace fleet
