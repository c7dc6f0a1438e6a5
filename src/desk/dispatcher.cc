#include "desk/dispatcher.h"

#include <fmt/format.h>

namespace okiagari::desk {

Dispatcher::Dispatcher(ReplicatedDesk& desk) : desk_(desk) {
  reports_.begun = [this](const std::string& key, std::function<void(bool)> go_on) {
    report("begun", {{"key", key}},
           [go_on = std::move(go_on)](const base::Status& status, std::uint64_t) {
             go_on(status.ok());
           });
  };
  reports_.done = [this](const std::string& key, std::string outcome, boost::json::object answer) {
    report("done", {{"key", key}, {"outcome", outcome}, {"answer", std::move(answer)}},
           [this, key](const base::Status&, std::uint64_t) { under_way_.erase(key); });
  };
  reports_.failed = [this](const std::string& key, std::string outcome, bool permanent) {
    report("failed", {{"key", key}, {"outcome", outcome}, {"permanent", permanent}},
           [this, key](const base::Status&, std::uint64_t) { under_way_.erase(key); });
  };
  reports_.unknown = [this](const std::string& key, std::string outcome) {
    report("unknown", {{"key", key}, {"outcome", outcome}},
           [this, key](const base::Status&, std::uint64_t) { under_way_.erase(key); });
  };
}

void Dispatcher::report(std::string what, boost::json::object body, DeskPort::OnAnswer on_answer) {
  Entry entry;
  entry.type = "effect." + std::move(what);
  entry.by = "desk";
  entry.body = std::move(body);
  desk_.submit(std::move(entry), std::move(on_answer));
}

void Dispatcher::end_turn(TimestampNs wall_ns) {
  if (!desk_.leads() || under_way_.size() >= kUnderWayMax) return;
  const std::size_t most = kUnderWayMax + under_way_.size();
  for (const Effect* effect : desk_.desk().outbox().ready(wall_ns, most)) {
    if (under_way_.size() >= kUnderWayMax) return;
    if (under_way_.contains(effect->key)) continue;
    Hands* hands = nullptr;
    for (Hands* candidate : hands_) {
      if (candidate->takes(effect->kind)) hands = candidate;
    }
    under_way_.insert(effect->key);
    if (hands == nullptr) {
      reports_.failed(effect->key, fmt::format("nobody here carries out '{}'", effect->kind), true);
      continue;
    }
    hands->carry_out(*effect, reports_);
  }
}

}  // namespace okiagari::desk
