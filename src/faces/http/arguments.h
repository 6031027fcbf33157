// A request's path names, query and body as the JSON arguments of one operation, and the Caller
// that its transport proves. It checks syntax only; fields are the Decoder's business.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/caller.h"
#include "catalogue/shape.h"
#include "faces/http/request.h"
#include "fleet/base/result.h"

namespace fleet::http {

using PathNames = std::vector<std::pair<std::string, std::string>>;

// GET: the query, typed by the shape (a list may repeat its name or use commas). Others: the body,
// an object, and no query. Path names stand above both.
Result<nlohmann::json> arguments_of(const Request& request, const PathNames& names,
                                    const catalogue::Shape& input);

// For local and unix-socket requests only. X-Fleet-Session names an AI session; X-Fleet-Tty makes a
// person at a terminal, and only over the unix socket, where the kernel vouches for the user.
Result<catalogue::Caller> local_caller(const Request& request);
// The Idempotency-Key header, which any caller may send.
Result<std::string> idempotency_key(const Request& request);

}  // namespace fleet::http
