// Fields: a struct names its fields once,
//   template <class V> void fields(V& v) {
//     v.required("to", to, "who gets it: a node, self, all or a group");
//     v.optional("limit", limit, "how many at most", between(1, 500));
//     v.choice("type", type, {"alert", "reply"}, "what it is"); }
// and is decoded, encoded and described by it. Decoding reports every fault at once and names
// unknown fields. Types: bool, integers, double, std::string, Seconds, Millis, Stamp, optional,
// vector, map<string, T>, nested structs, anything with parse/to_string, nlohmann::json (as is).
// required + optional<T> = present but may be null; optional + optional<T> = left out when empty.
#pragma once

#include "catalogue/decoder.h"    // IWYU pragma: export
#include "catalogue/describer.h"  // IWYU pragma: export
#include "catalogue/encoder.h"    // IWYU pragma: export
