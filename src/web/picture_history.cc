#include "web/picture_history.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "desk/entry.h"

namespace okiagari::web {

namespace json = boost::json;

namespace {

template <typename Each>
void for_each_of(const json::object& picture, std::string_view list, const Each& each) {
  const json::value* found = picture.if_contains(list);
  if (found == nullptr || !found->is_array()) return;
  for (const json::value& one : found->get_array()) {
    if (one.is_object()) each(one.get_object());
  }
}

double double_of(const json::object& from, std::string_view key) {
  const json::value* found = from.if_contains(key);
  boost::system::error_code error;
  const double value = found == nullptr ? 0 : found->to_number<double>(error);
  return error ? 0 : value;
}

}  // namespace

std::uint64_t PictureHistory::tick(std::uint64_t now_ms) {
  if (now_ms >= due_ms_) {
    due_ms_ = now_ms + kEveryMs;
    look();
  }
  return due_ms_;
}

void PictureHistory::look() {
  const json::object picture = port_.live_picture();
  Sample sample;
  sample.at_ns = static_cast<TimestampNs>(desk::number_or(picture, "at_ns", 0));
  // The clock that was set back: what is later comes after.
  if (!samples_.empty() && sample.at_ns <= samples_.back().at_ns) return;
  sample.leader = static_cast<NodeId>(desk::number_or(picture, "leader", 0));
  for_each_of(picture, "servers", [&](const json::object& server) {
    const auto applied = static_cast<std::uint64_t>(desk::number_or(server, "applied", 0));
    sample.applied = std::max(sample.applied, applied);
  });
  for_each_of(picture, "gateways", [&](const json::object& gateway) {
    if (sample.acknowledged_ms.size() >= kGatewaysMax) return;
    const std::int64_t number = desk::number_or(gateway, "gateway", 0);
    Answers& answers = answers_[number];
    const std::int64_t count = desk::number_or(gateway, "answers", 0);
    if (count != answers.count || answers.since_ns == 0) answers = {count, sample.at_ns};
    const bool is_new = sample.at_ns < answers.since_ns + kAnswerHoldsNs;
    std::optional<double> took_ms;
    if (desk::flag_or(gateway, "serving", false) && is_new) {
      took_ms = double_of(gateway, "acknowledged_ms");
    }
    sample.acknowledged_ms[number] = took_ms;
  });
  if (samples_.size() >= kMost) samples_.pop_front();
  samples_.push_back(std::move(sample));
}

json::object PictureHistory::series(TimestampNs after_ns) const {
  std::set<std::int64_t> gateways;
  for (const Sample& sample : samples_) {
    for (const auto& [gateway, ms] : sample.acknowledged_ms) gateways.insert(gateway);
  }
  json::array at;
  json::array leaders;
  json::array applied;
  std::map<std::int64_t, json::array> lines;
  for (const Sample& sample : samples_) {
    if (sample.at_ns <= after_ns) continue;
    at.emplace_back(sample.at_ns);
    leaders.emplace_back(sample.leader);
    applied.emplace_back(sample.applied);
    for (const std::int64_t gateway : gateways) {
      const auto found = sample.acknowledged_ms.find(gateway);
      const bool answered = found != sample.acknowledged_ms.end() && found->second.has_value();
      lines[gateway].push_back(answered ? json::value(*found->second) : json::value(nullptr));
    }
  }
  json::array gateway_lines;
  for (auto& [gateway, line] : lines) {
    gateway_lines.push_back({{"gateway", gateway}, {"acknowledged_ms", std::move(line)}});
  }
  return {{"every_ms", kEveryMs},
          {"at_ns", std::move(at)},
          {"leader", std::move(leaders)},
          {"applied", std::move(applied)},
          {"gateways", std::move(gateway_lines)}};
}

}  // namespace okiagari::web
