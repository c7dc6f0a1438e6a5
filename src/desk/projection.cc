#include "desk/projection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <boost/json.hpp>
#include <filesystem>

namespace okiagari::desk {

namespace {

constexpr const char* kTables = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE entries (place INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, type TEXT NOT NULL,
  by TEXT NOT NULL, body TEXT NOT NULL, refused TEXT);
CREATE TABLE timeline (number INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, place INTEGER NOT NULL,
  incident TEXT NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL, en TEXT NOT NULL, ja TEXT NOT NULL,
  data TEXT NOT NULL, chain TEXT NOT NULL);
CREATE INDEX timeline_of_incident ON timeline (incident, number);
CREATE INDEX timeline_of_kind ON timeline (kind, number);
CREATE TABLE effects (key TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL,
  incident TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, added_ns INTEGER NOT NULL,
  ended_ns INTEGER NOT NULL, outcome TEXT NOT NULL);
)";

// Not called bind: that would find std::bind for a string that is about to go.
void put(sqlite3_stmt* statement, int at, const std::string& text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void put(sqlite3_stmt* statement, int at, std::uint64_t number) {
  sqlite3_bind_int64(statement, at, static_cast<sqlite3_int64>(number));
}

}  // namespace

base::Result<std::unique_ptr<Projection>> Projection::create(const std::string& path) {
  std::error_code ignored;
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(path + part, ignored);
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(path.c_str(), &database);
  std::unique_ptr<Projection> projection(new Projection(database));
  if (opened != SQLITE_OK) {
    return base::Error{fmt::format("{}: {}", path, sqlite3_errmsg(database))};
  }
  if (base::Status status = projection->prepare(); !status) {
    return base::Error{fmt::format("{}: {}", path, status.error().message)};
  }
  return projection;
}

Projection::~Projection() {
  for (sqlite3_stmt* statement : {insert_entry_, insert_item_, put_effect_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(database_);
}

base::Status Projection::prepare() {
  const auto prepared = [this](const char* text, sqlite3_stmt** into) {
    return sqlite3_prepare_v2(database_, text, -1, into, nullptr) == SQLITE_OK;
  };
  const bool good =
      sqlite3_exec(database_, kTables, nullptr, nullptr, nullptr) == SQLITE_OK &&
      prepared("INSERT INTO entries VALUES (?,?,?,?,?,?)", &insert_entry_) &&
      prepared("INSERT INTO timeline VALUES (?,?,?,?,?,?,?,?,?,?)", &insert_item_) &&
      prepared("INSERT OR REPLACE INTO effects VALUES (?,?,?,?,?,?,?,?,?)", &put_effect_);
  if (!good) return base::Error{sqlite3_errmsg(database_)};
  return {};
}

void Projection::step(sqlite3_stmt* statement) {
  if (!is_in_transaction_) {
    sqlite3_exec(database_, "BEGIN", nullptr, nullptr, nullptr);
    is_in_transaction_ = true;
  }
  if (sqlite3_step(statement) != SQLITE_DONE && error_.empty()) error_ = sqlite3_errmsg(database_);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

void Projection::add(const Desk& desk, const Entry& entry, std::uint64_t index,
                     const base::Status& answer, std::uint64_t first_new_item) {
  if (!error_.empty()) return;
  add_entry(entry, index, answer);
  const auto& items = desk.timeline().items();
  for (std::size_t at = first_new_item - 1; at < items.size(); ++at) add_item(items[at]);
  for (const Effect* effect : desk.outbox().touched()) add_effect(*effect);
}

void Projection::add_entry(const Entry& entry, std::uint64_t index, const base::Status& answer) {
  put(insert_entry_, 1, index);
  put(insert_entry_, 2, entry.at_ns);
  put(insert_entry_, 3, entry.type);
  put(insert_entry_, 4, entry.by);
  put(insert_entry_, 5, boost::json::serialize(entry.body));
  if (!answer) put(insert_entry_, 6, answer.error().message);
  step(insert_entry_);
}

void Projection::add_item(const TimelineItem& item) {
  put(insert_item_, 1, item.number);
  put(insert_item_, 2, item.at_ns);
  put(insert_item_, 3, item.index);
  put(insert_item_, 4, item.incident);
  put(insert_item_, 5, item.kind);
  put(insert_item_, 6, item.by);
  put(insert_item_, 7, item.words.en);
  put(insert_item_, 8, item.words.ja);
  put(insert_item_, 9, boost::json::serialize(item.data));
  put(insert_item_, 10, base::to_hex(item.chain));
  step(insert_item_);
}

void Projection::add_effect(const Effect& effect) {
  put(put_effect_, 1, effect.key);
  put(put_effect_, 2, effect.kind);
  put(put_effect_, 3, effect.owner);
  put(put_effect_, 4, effect.incident);
  put(put_effect_, 5, std::string(to_string(effect.state)));
  put(put_effect_, 6, effect.attempts);
  put(put_effect_, 7, effect.added_ns);
  put(put_effect_, 8, effect.ended_ns);
  put(put_effect_, 9, effect.outcome);
  step(put_effect_);
}

base::Status Projection::commit() {
  if (is_in_transaction_) {
    const int result = sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr);
    // Somebody reads at this moment: the next turn writes it.
    is_in_transaction_ = result == SQLITE_BUSY;
    if (result != SQLITE_OK && result != SQLITE_BUSY && error_.empty()) {
      error_ = sqlite3_errmsg(database_);
    }
  }
  if (!error_.empty()) return base::Error{error_};
  return {};
}

}  // namespace okiagari::desk
