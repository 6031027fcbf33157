// Text forms of bytes: base64url, base32, hex and LE64. Decoding is strict: one text for each byte
// string, so no padding, no white space, no stray bits, no other letter case. It is not a place for
// lenient reading; whoever needs that converts first. Used by envelopes, key ids, tokens and logs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fleet {

std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

// RFC 4648 alphabet in lower case; safe in file names, subjects and host names.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);

std::string le64(std::uint64_t value);  // 8 bytes, least significant first
void append_le64(std::string& out, std::uint64_t value);
// Takes 8 bytes off the front; nothing is taken where fewer are left.
std::optional<std::uint64_t> take_le64(std::string_view& in);

}  // namespace fleet
