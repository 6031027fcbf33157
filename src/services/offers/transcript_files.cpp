#include "services/offers/transcript_files.h"

#include <optional>
#include <utility>

namespace fleet::offers {

Task<Result<io::FileTail>> OffloadedFiles::read(std::string path, std::uint64_t from,
                                                std::size_t cap) {
  std::optional<Result<io::FileTail>> tail;
  auto job = [home = home_, path = std::move(path), from, cap] {
    return std::optional<Result<io::FileTail>>(io::read_tail(home, path, from, cap));
  };
  try {
    tail = co_await pool_.run("transcripts", std::move(job));
  } catch (const io::OffloadRefused&) {
    tail = refuse(Code::unavailable, "the pool is full");
  }
  co_return std::move(*tail);
}

}  // namespace fleet::offers
