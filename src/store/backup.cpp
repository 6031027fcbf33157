#include "store/backup.h"

#include <system_error>

#include "store/connect.h"
#include "store/fault.h"
#include "store/file_state.h"

namespace fleet::store {
namespace {

// A half-made copy must not pass for a backup.
void drop(const std::filesystem::path& target) {
  std::error_code ignored;
  std::filesystem::remove(target, ignored);
}

}  // namespace

Result<void> back_up(const std::filesystem::path& file, const std::filesystem::path& target) {
  if (std::filesystem::exists(target)) {
    return refuse(Code::conflict, target.string() + " exists already; name another file");
  }
  try {
    auto db = connect_reader(Place{file.string()}, Options{});
    FileState(target).create();
    db->run("VACUUM INTO ?1", target.string());
    return {};
  } catch (const SqlFault& fault) {
    drop(target);
    return error_of(fault);
  } catch (const std::system_error& failed) {
    return refuse(Code::unavailable, std::string("cannot write the backup: ") + failed.what());
  }
}

}  // namespace fleet::store
