#include "app/demo_stage.h"

#include <array>
#include <cstdio>
#include <ostream>
#include <sstream>
#include <vector>

namespace fleet::app {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kPlain = "";

}  // namespace

DemoStage::DemoStage(const cli::Terminal& terminal, bool quiet)
    : out_(terminal.out), colour_(terminal.out_is_tty && !terminal.no_color), quiet_(quiet) {}

bool DemoStage::lost() const { return out_.fail(); }

void DemoStage::write(const char* colour, const std::string& mark, const std::string& text) {
  if (quiet_) return;
  const bool painted = colour_ && *colour != '\0';
  out_ << (painted ? colour : "") << mark << text << (painted ? "\033[0m" : "") << std::endl;
}

void DemoStage::title(const std::string& text) {
  write(kPlain, "", "");
  write(kBold, std::to_string(++acts_) + ". ", text);
}

void DemoStage::line(const std::string& text) { write(kPlain, "   ", text); }
void DemoStage::good(const std::string& text) { write(kGreen, "   ", text); }
void DemoStage::bad(const std::string& text) { write(kRed, "   ", text); }
void DemoStage::dim(const std::string& text) { write(kDim, "   ", text); }

void DemoStage::block(const std::string& text, std::size_t most) {
  std::istringstream lines(text);
  std::vector<std::string> all;
  for (std::string one; std::getline(lines, one);) all.push_back(std::move(one));
  // The end of a story matters more than its middle.
  const std::size_t cut = all.size() > most ? all.size() - most : 0;
  const std::size_t head = most / 2;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (cut > 0 && i == head) dim("  … " + std::to_string(cut) + " more of the same …");
    if (i < head || i >= head + cut) dim(all[i]);
  }
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string one_decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

}  // namespace fleet::app
