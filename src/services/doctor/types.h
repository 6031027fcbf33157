// A finding: one fact about this node's health, as a value that every face can show.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace fleet::doctor {

struct Finding {
  std::string code{};   // "clock.skew": stable, for programs
  std::string title{};  // what was looked at, for people
  bool ok = true;
  std::string detail{};  // what was found
  std::string remedy{};  // what to do; empty where nothing is wrong

  template <class V>
  void fields(V& v) {
    v.required("code", code, "stable name of the check");
    v.required("title", title, "what was looked at");
    v.required("ok", ok, "nothing is wrong");
    v.required("detail", detail, "what was found");
    v.required("remedy", remedy, "what to do; empty where nothing is wrong");
  }
};

// Looks at one thing, quickly, on the loop.
using Check = std::function<Finding()>;

struct DoctorReply {
  bool ok = true;
  std::vector<Finding> checks{};

  template <class V>
  void fields(V& v) {
    v.required("ok", ok, "every check is");
    v.required("checks", checks, "one finding each");
  }
};

}  // namespace fleet::doctor
