// A hop seal that shows in clear what it covers, so that a test reads what was signed. Proves
// nothing to anybody.
#pragma once

#include <atomic>
#include <string>

#include "channels/channel.h"

namespace fleet::test {

class ToyHop final : public channels::HopSeal {
 public:
  std::string sign(std::string_view method, std::string_view target, std::string_view content_type,
                   std::string_view body, std::string_view challenge) override {
    std::string line = "FleetV1 n=" + std::to_string(++count_);
    line.append(" ").append(method).append(" ").append(target).append(" ").append(content_type);
    line.append(" ").append(std::to_string(body.size())).append(" c=").append(challenge);
    return line;
  }
  bool proves(std::string_view request_line, int status, std::string_view body,
              std::string_view reply_mac) const override {
    return reply_mac == mac(request_line, status, body);
  }
  static std::string mac(std::string_view request_line, int status, std::string_view body) {
    std::string text = std::to_string(status) + "|";
    return text.append(request_line).append("|").append(std::to_string(body.size()));
  }

 private:
  std::atomic<int> count_{0};
};

}  // namespace fleet::test
