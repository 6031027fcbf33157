// An accepted hop header is the one text of its fields, and a frame is its header and its body.
#include "fleet/model/hop.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  const std::string_view bytes = fuzz::text_of(data, size);
  if (const auto header = parse_hop_header(bytes)) fuzz::check(format_hop_header(*header) == bytes);
  if (const auto frame = parse_hop_frame(bytes))
    fuzz::check(format_hop_frame(frame->header, frame->body) == bytes);
  return 0;
}
