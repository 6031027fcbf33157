#include "faces/cli/render.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "fleet/base/utf8.h"

namespace fleet::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLeastCell = 12;                    // columns that a cut cell keeps
constexpr std::int64_t kPlausibleMs = 1'000'000'000'000;  // 2001: smaller numbers are spans

bool is_table(const json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const json& one) { return one.is_object(); });
}

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
  return std::string(text, size);
}

bool is_moment(std::string_view key, const json& value) {
  return key.ends_with("_ms") && value.is_number_integer() &&
         value.get<std::int64_t>() >= kPlausibleMs;
}

std::string cleaned(const std::string& text) { return clean_for_prompt(text); }

std::string join(const json& list) {
  std::string text;
  for (const json& one : list) {
    text += (text.empty() ? "" : ", ") + (one.is_string() ? one.get<std::string>() : one.dump());
  }
  return cleaned(text);
}

std::string scalar_text(std::string_view key, const json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return cleaned(value.get<std::string>());
  if (is_moment(key, value)) return time_text(value.get<std::int64_t>());
  if (value.is_array()) return value.empty() ? "-" : join(value);
  return cleaned(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cut(const std::string& text, std::size_t columns) {
  if (length_of(text) <= columns) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; seen + 1 < columns; ++seen) {
    ++at;
    while (at < text.size() && (text[at] & 0xC0) == 0x80) ++at;
  }
  return text.substr(0, at) + "…";
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t length = length_of(text);
  return length < columns ? text + std::string(columns - length, ' ') : text;
}

std::string bold(const std::string& text, bool colour) {
  return colour ? "\033[1m" + text + "\033[0m" : text;
}

std::vector<std::string> columns_of(const json& table, const RenderStyle& style) {
  if (!style.columns.empty()) return style.columns;
  std::vector<std::string> columns;
  for (const json& row : table) {
    for (const auto& [key, value] : row.items()) {
      const bool known = std::find(columns.begin(), columns.end(), key) != columns.end();
      if (!known) columns.push_back(key);
    }
  }
  return columns;
}

std::string cell(const json& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? "" : one_line(scalar_text(column, *found));
}

// The widest column gives way until the table fits.
void fit(std::vector<std::size_t>& widths, std::size_t width) {
  const auto total = [&] {
    std::size_t sum = 0;
    for (std::size_t one : widths) sum += one + 2;
    return sum;
  };
  while (total() > width + 2) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastCell) return;
    --*widest;
  }
}

std::string table_row(const std::vector<std::string>& cells,
                      const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = cut(cells[i], widths[i]);
    line += i + 1 == cells.size() ? text : padded(text, widths[i]) + "  ";
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string table_text(const json& table, const RenderStyle& style) {
  const std::vector<std::string> columns = columns_of(table, style);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths;
  for (const std::string& column : columns) widths.push_back(length_of(column));
  for (const json& row : table) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(cell(row, columns[i]));
      widths[i] = std::max(widths[i], length_of(cells.back()));
    }
  }
  fit(widths, style.width);
  std::string text = bold(table_row(columns, widths), style.colour) + "\n";
  for (const auto& cells : rows) text += table_row(cells, widths) + "\n";
  return text;
}

// Lines behind the first are indented, so that a text cannot pass for another key.
std::string indented(const std::string& text) {
  std::string out;
  for (char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

struct Parts {
  std::vector<std::pair<std::string, std::string>> pairs{};
  std::vector<std::pair<std::string, const json*>> tables{};
  std::vector<std::string> empty_lists{};
};

void collect(const json& object, const std::string& prefix, Parts& parts) {
  for (const auto& [key, value] : object.items()) {
    if (is_table(value)) {
      parts.tables.emplace_back(prefix + key, &value);
    } else if (value.is_object() && !value.empty()) {
      collect(value, prefix + key + ".", parts);
    } else if (value.is_array() && value.empty()) {
      parts.empty_lists.push_back(prefix + key);
    } else if (!value.is_null()) {
      parts.pairs.emplace_back(prefix + key, indented(scalar_text(key, value)));
    }
  }
}

std::string pairs_text(const Parts& parts, const RenderStyle& style) {
  std::size_t width = 0;
  for (const auto& [key, value] : parts.pairs) width = std::max(width, key.size());
  std::string text;
  for (const auto& [key, value] : parts.pairs) {
    text += bold(key + ":", style.colour) + std::string(width - key.size() + 1, ' ') + value + "\n";
  }
  return text;
}

}  // namespace

std::string render(const json& reply, const RenderStyle& style) {
  if (is_table(reply)) return table_text(reply, style);
  if (!reply.is_object()) return scalar_text("", reply) + "\n";
  // A reply that is one text (metrics) is printed as it is: other programs read it.
  if (reply.size() == 1 && reply.contains("text")) return scalar_text("", reply.at("text"));
  Parts parts;
  collect(reply, "", parts);
  std::string text = pairs_text(parts, style);
  RenderStyle rest = style;
  for (const auto& [name, table] : parts.tables) {
    if (parts.tables.size() + parts.pairs.size() > 1) {
      text += (text.empty() ? "" : "\n") + bold(name, style.colour) + "\n";
    }
    text += table_text(*table, rest);
    rest.columns.clear();
  }
  for (const std::string& name : parts.empty_lists) text += "no " + name + "\n";
  return text.empty() ? "done\n" : text;
}

std::string render_line(const json& item, const RenderStyle& style) {
  if (!item.is_object()) return one_line(scalar_text("", item)) + "\n";
  std::string text;
  for (const std::string& column : columns_of(json::array({item}), style)) {
    const std::string value = cell(item, column);
    if (!value.empty()) text += (text.empty() ? "" : "  ") + value;
  }
  return text + "\n";
}

}  // namespace fleet::cli
