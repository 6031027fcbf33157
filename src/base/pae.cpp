#include "fleet/base/pae.h"

#include "fleet/base/encoding.h"

namespace fleet {

std::string pae(std::initializer_list<std::string_view> fields) {
  constexpr std::string_view magic = "FNSIG1";
  std::size_t size = magic.size() + 8;
  for (const auto field : fields) size += 8 + field.size();
  std::string out;
  out.reserve(size);
  out.append(magic);
  append_le64(out, fields.size());
  for (const auto field : fields) {
    append_le64(out, field.size());
    out.append(field);
  }
  return out;
}

}  // namespace fleet
