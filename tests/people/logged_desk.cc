#include "tests/people/logged_desk.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

namespace okiagari::people {

namespace {
constexpr std::size_t kUnderWayMax = 64;
}

LoggedDesk::LoggedDesk(const std::string& path) {
  paging_ = &desk_.add(std::make_unique<desk::Paging>());
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto entries = desk::read_entries(base::as_bytes(bytes));
  ASSERT(entries.ok(), "{}: {}", path, entries.error().message);
  for (const desk::Entry& entry : entries.value()) {
    // A refusal is in the log too, and is one again.
    if (!desk_.apply(entry, ++index_)) ++refused_;
  }
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ASSERT(file_ >= 0, "{} cannot be written", path);
  reports_.begun = [this](const std::string& key, const std::function<void(bool)>& go_on) {
    step_and_submit("effect.begun", {{"key", key}});
    go_on(true);
    on_step();
  };
  reports_.done = [this](const std::string& key, const std::string& outcome, boost::json::object) {
    step_and_submit("effect.done", {{"key", key}, {"outcome", outcome}});
    under_way_.erase(key);
  };
  reports_.failed = [this](const std::string& key, const std::string& outcome, bool permanent) {
    step_and_submit("effect.failed",
                    {{"key", key}, {"outcome", outcome}, {"permanent", permanent}});
    under_way_.erase(key);
  };
  reports_.unknown = [this](const std::string& key, const std::string& outcome) {
    step_and_submit("effect.unknown", {{"key", key}, {"outcome", outcome}});
    under_way_.erase(key);
  };
}

LoggedDesk::~LoggedDesk() { ::close(file_); }

base::Status LoggedDesk::submit(const std::string& type, boost::json::object body,
                                const std::string& by) {
  desk::Entry entry;
  entry.type = type;
  entry.by = by;
  entry.at_ns = net::Loop::wall_ns();
  entry.body = std::move(body);
  base::ByteWriter bytes;
  desk::append_entry(bytes, entry);
  // One write: a process that is killed leaves all of it or nothing.
  const auto written = ::write(file_, bytes.view().data(), bytes.view().size());
  ASSERT(written == static_cast<ssize_t>(bytes.view().size()), "the log cannot be written");
  return desk_.apply(entry, ++index_);
}

void LoggedDesk::step_and_submit(const std::string& type, boost::json::object body) {
  on_step();
  if (!submit(type, std::move(body))) ++refused_;
  on_step();
}

void LoggedDesk::turn(net::Loop& loop, desk::Courier& courier, std::uint64_t wait_ms) {
  for (const desk::Effect* effect : desk_.outbox().ready(net::Loop::wall_ns(), 10'000)) {
    if (under_way_.size() >= kUnderWayMax) break;
    if (!under_way_.insert(effect->key).second) continue;
    courier.carry_out(*effect, reports_);
  }
  loop.turn(net::Loop::now_ms() + wait_ms);
  if (desk_.next_due_ns() <= net::Loop::wall_ns()) {
    const base::Status status = submit("desk.tick", {});
    ASSERT(status.ok(), "{}", status.error().message);
  }
}

std::size_t LoggedDesk::open_effects() const {
  std::size_t open = 0;
  for (const auto& [number, effect] : desk_.outbox().all()) {
    open += effect.state == desk::EffectState::waiting || effect.state == desk::EffectState::begun;
  }
  return open;
}

}  // namespace okiagari::people
