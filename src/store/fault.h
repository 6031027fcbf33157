// What goes wrong in SQLite, in two kinds: a fault of the storage below (full, read-only, broken)
// becomes a Result error that every caller waiting for the same commit hears; anything else, such
// as a broken constraint, is the fault of one job. It never carries a value of a row.
#pragma once

#include <stdexcept>
#include <string>

#include "fleet/base/result.h"

namespace fleet::store {

// A SQLite call that failed; `code` is SQLite's extended result code.
class SqlFault : public std::runtime_error {
 public:
  SqlFault(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }

  bool storage() const;     // the disk, the file or its permissions, not the statement
  bool damaged() const;     // the file's content cannot be trusted
  bool constraint() const;  // a UNIQUE, CHECK or NOT NULL rule said no

 private:
  int code_;
};

// full → Code::full; every other storage fault → Code::unavailable, each with its remedy.
Error error_of(const SqlFault& fault);

}  // namespace fleet::store
