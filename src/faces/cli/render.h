// A reply for people: lists of objects as tables, objects as "key: value". It knows no operation.
// Texts may come from other machines, so nothing here lets a control character reach the terminal.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace fleet::cli {

struct RenderStyle {
  bool colour = false;
  std::size_t width = 100;             // columns of the terminal
  std::vector<std::string> columns{};  // of the first table; empty = all
};

std::string render(const nlohmann::json& reply, const RenderStyle& style);
// One item of a list that is being followed, on one line.
std::string render_line(const nlohmann::json& item, const RenderStyle& style);

}  // namespace fleet::cli
