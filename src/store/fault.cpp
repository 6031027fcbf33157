#include "store/fault.h"

#include <sqlite3.h>

namespace fleet::store {
namespace {

int primary(int code) { return code & 0xff; }

// A shared-memory file that cannot grow is a full disk by another name.
bool is_full(int code) { return primary(code) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE; }

const char* remedy(int code) {
  switch (primary(code)) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "make its folder and file writable for this user";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "restart fleet-nerve, which sets a damaged file aside";
    case SQLITE_BUSY:
      return "another program holds it; close that program";
    default:
      return "check the disk";
  }
}

}  // namespace

bool SqlFault::storage() const {
  switch (primary(code_)) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return true;
    default:
      return false;
  }
}

bool SqlFault::damaged() const {
  return primary(code_) == SQLITE_CORRUPT || primary(code_) == SQLITE_NOTADB;
}

bool SqlFault::constraint() const { return primary(code_) == SQLITE_CONSTRAINT; }

Error error_of(const SqlFault& fault) {
  if (is_full(fault.code())) {
    return refuse(Code::full, "the disk that holds the store is full; free some space");
  }
  if (!fault.storage()) {
    return refuse(Code::unavailable, "job_failed", std::string("the store: ") + fault.what());
  }
  return refuse(Code::unavailable, std::string("the store cannot be used (") + fault.what() +
                                       "); " + remedy(fault.code()));
}

}  // namespace fleet::store
