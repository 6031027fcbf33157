// What the demo says, as it happens: titles of acts, lines, a verdict. Colour on a terminal only.
// Quiet where the person asked for JSON.
#pragma once

#include <string>

#include "faces/cli/cli.h"

namespace fleet::app {

class DemoStage {
 public:
  DemoStage(const cli::Terminal& terminal, bool quiet);

  void title(const std::string& text);
  void line(const std::string& text);
  void good(const std::string& text);
  void bad(const std::string& text);
  void dim(const std::string& text);
  void block(const std::string& text, std::size_t most);  // at most so many of its lines
  bool quiet() const { return quiet_; }
  bool lost() const;  // nobody reads any more

 private:
  void write(const char* colour, const std::string& mark, const std::string& text);

  std::ostream& out_;
  bool colour_, quiet_;
  int acts_ = 0;
};

std::string padded(std::string text, std::size_t width);
std::string one_decimal(double value);

}  // namespace fleet::app
