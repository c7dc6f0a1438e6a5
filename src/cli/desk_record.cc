#include "cli/desk_record.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace okiagari::cli {

namespace {

constexpr int kBusyMs = 2'000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

std::uint64_t number_at(sqlite3_stmt* row, int column) {
  return static_cast<std::uint64_t>(sqlite3_column_int64(row, column));
}

base::Status for_each_row(sqlite3* database, const char* query,
                          const std::function<void(sqlite3_stmt*)>& take) {
  sqlite3_stmt* statement = nullptr;
  int state = sqlite3_prepare_v2(database, query, -1, &statement, nullptr);
  if (state == SQLITE_OK) {
    while ((state = sqlite3_step(statement)) == SQLITE_ROW) take(statement);
  }
  sqlite3_finalize(statement);
  if (state != SQLITE_DONE) return base::Error{sqlite3_errmsg(database)};
  return {};
}

}  // namespace

const DeskRecord::Item* DeskRecord::first(std::string_view kind, TimestampNs from_ns) const {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) {
    return item.kind == kind && item.at_ns >= from_ns;
  });
  return found == items.end() ? nullptr : &*found;
}

std::size_t DeskRecord::count(std::string_view kind) const {
  return static_cast<std::size_t>(std::count_if(
      items.begin(), items.end(), [&](const Item& item) { return item.kind == kind; }));
}

base::Result<DeskRecord> read_desk_record(const std::string& desk_folder) {
  const std::string path = desk_folder + "/desk.sqlite";
  sqlite3* opened = nullptr;
  const int state = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, CloseDatabase> database(opened);
  if (state != SQLITE_OK) {
    return base::Error{fmt::format("{}: {}", path, sqlite3_errmsg(database.get()))};
  }
  sqlite3_busy_timeout(database.get(), kBusyMs);
  DeskRecord record;
  base::Status status = for_each_row(
      database.get(),
      "SELECT number, at_ns, incident, kind, by, en, ja, data FROM timeline ORDER BY number",
      [&](sqlite3_stmt* row) {
        record.items.push_back({number_at(row, 0), number_at(row, 1), text_at(row, 2),
                                text_at(row, 3), text_at(row, 4), text_at(row, 5), text_at(row, 6),
                                text_at(row, 7)});
      });
  if (status) {
    status = for_each_row(
        database.get(),
        "SELECT key, kind, owner, incident, state, added_ns, ended_ns, outcome FROM effects "
        "ORDER BY added_ns, key",
        [&](sqlite3_stmt* row) {
          record.effects.push_back({text_at(row, 0), text_at(row, 1), text_at(row, 2),
                                    text_at(row, 3), text_at(row, 4), number_at(row, 5),
                                    number_at(row, 6), text_at(row, 7)});
        });
  }
  if (!status) return base::Error{fmt::format("{}: {}", path, status.error().message)};
  return record;
}

}  // namespace okiagari::cli
