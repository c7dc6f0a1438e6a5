// The desk's past as tables that can be asked in SQL: a projection of its log, thrown away and made
// again at every start. Nothing is ever read back from it into the desk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "desk/desk.h"

struct sqlite3;
struct sqlite3_stmt;

namespace okiagari::desk {

class Projection {
 public:
  // An empty one in the place of any that is there.
  static base::Result<std::unique_ptr<Projection>> create(const std::string& path);
  ~Projection();
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  // After each entry of the log; `answer` is what the desk made of it.
  void add(const Desk& desk, const Entry& entry, std::uint64_t index, const base::Status& answer,
           std::uint64_t first_new_item);
  // Writes what was added since the last time. The error is final: the file is of no more use, and
  // the desk goes on without it.
  base::Status commit();

 private:
  explicit Projection(sqlite3* database) : database_(database) {}
  base::Status prepare();
  void add_entry(const Entry& entry, std::uint64_t index, const base::Status& answer);
  void add_item(const TimelineItem& item);
  void add_effect(const Effect& effect);
  void step(sqlite3_stmt* statement);

  sqlite3* database_;
  sqlite3_stmt* insert_entry_ = nullptr;
  sqlite3_stmt* insert_item_ = nullptr;
  sqlite3_stmt* put_effect_ = nullptr;
  bool is_in_transaction_ = false;
  std::string error_;
};

}  // namespace okiagari::desk
