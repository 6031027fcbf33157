#include "fleet/model/ids.h"

#include <algorithm>
#include <charconv>

namespace fleet {
namespace {

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

template <class Number>
std::optional<Number> parse_whole(std::string_view text, int base) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value, base);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

bool valid_node_id(std::string_view text) {
  return !text.empty() && text.size() <= 32 && lower_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return lower_or_digit(c) || c == '-'; });
}

std::string epoch_text(Epoch epoch) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place, epoch >>= 4) {
    *place = kDigits[epoch & 15U];
  }
  return text;
}

std::optional<Epoch> parse_epoch(std::string_view text) {
  const bool canonical = text.size() == 16 && std::all_of(text.begin(), text.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         });
  return canonical ? parse_whole<Epoch>(text, 16) : std::nullopt;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first == text.npos ? first : first + 1);
  if (second == text.npos) return std::nullopt;
  const std::string_view origin = text.substr(0, first);
  const std::string_view digits = text.substr(second + 1);
  const auto epoch = parse_epoch(text.substr(first + 1, second - first - 1));
  const auto seq = parse_whole<std::uint64_t>(digits, 10);
  const bool canonical = !digits.empty() && digits.front() != '0';
  if (!valid_node_id(origin) || !epoch || !seq || !canonical) return std::nullopt;
  return MessageId{std::string(origin), *epoch, *seq};
}

std::string to_string(const MessageId& id) {
  return id.origin + '.' + epoch_text(id.epoch) + '.' + std::to_string(id.seq);
}

}  // namespace fleet
