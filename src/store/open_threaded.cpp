// How the daemon comes by its store: whose file, clean stop or not, sound or not, which schema;
// and only then a writer.
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "io/clock.h"
#include "store/connect.h"
#include "store/fault.h"
#include "store/threaded.h"

namespace fleet::store {
namespace {

using Writer = std::unique_ptr<Connection>;

struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Stamp now(const Options& options) {
  return options.clock == nullptr ? Stamp{} : options.clock->stamp();
}

void quick_check(Connection& db) {
  Statement check = db.prepare("PRAGMA quick_check(1)");
  if (check.step() && check.view(0) == "ok") return;
  throw Damaged("quick_check found damage");
}

Writer bring_up(const FileState& file, const Migrations& migrations, const Options& options,
                bool check) {
  try {
    file.create();
    Writer writer = connect_writer(Place{file.path().string()}, options);
    if (check) quick_check(*writer);
    Result<void> migrated = migrate(*writer, migrations);
    if (!migrated.ok()) throw Refused(migrated.error());
    return writer;
  } catch (const SqlFault& fault) {
    if (fault.damaged()) throw Damaged(fault.what());
    throw;
  }
}

// A damaged file is kept under another name and replaced once; a fresh one that is damaged too
// is the disk's fault and ends here.
Writer bring_up_or_replace(const FileState& file, const Migrations& migrations,
                           const Options& options, Opened& opened) {
  try {
    if (file.emptied()) throw Damaged("the file is empty");
    opened.fresh = file.owner() == FileState::Owner::none;
    opened.checked = !file.take_clean_mark() && !opened.fresh;
    return bring_up(file, migrations, options, opened.checked);
  } catch (const Damaged&) {
    opened.set_aside = file.set_aside(now(options));
    opened.fresh = true;
    file.take_clean_mark();
  }
  return bring_up(file, migrations, options, false);
}

ThreadedDatabase::Parts open_parts(std::filesystem::path path, const Migrations& migrations,
                                   const Options& options) {
  FileState file(std::move(path));
  if (file.owner() == FileState::Owner::foreign) throw Refused(foreign_file(file.path().string()));
  Opened opened;
  Writer writer = bring_up_or_replace(file, migrations, options, opened);
  auto reader = connect_reader(Place{file.path().string()}, options);
  return {std::move(writer), std::move(reader), std::move(file), std::move(opened)};
}

Error not_writable(const std::string& what) {
  return refuse(Code::unavailable, "the store cannot be used (" + what +
                                       "); make its folder and file writable for this user");
}

}  // namespace

Result<std::unique_ptr<Database>> open_threaded(std::filesystem::path file, Executor executor,
                                                const Migrations& migrations, Options options) {
  if (!options.lock) throw std::logic_error("open_threaded: acquire StoreLock first");
  try {
    auto parts = open_parts(std::move(file), migrations, options);
    return std::unique_ptr<Database>(std::make_unique<ThreadedDatabase>(
        std::move(parts), std::move(executor), std::move(options)));
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const SqlFault& fault) {
    return error_of(fault);
  } catch (const Damaged& damaged) {
    return refuse(Code::unavailable,
                  std::string("the store cannot be used (") + damaged.what() + "); check the disk");
  } catch (const std::system_error& failed) {
    return not_writable(failed.what());
  }
}

}  // namespace fleet::store
