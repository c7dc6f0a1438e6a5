#include "cli/desk_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "deployment/lookout_process.h"
#include "deployment/market_watching.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kPictureMs = 50;
constexpr std::uint64_t kLookForMarketMs = 1'000;
constexpr std::size_t kItemsInEntryMax = 100;

}  // namespace

DeskWatch::DeskWatch(net::Loop& loop, desk::DeskPort& port, desk::Sizing& sizing,
                     deployment::DeploymentFile market, std::string name)
    : loop_(loop),
      port_(port),
      sizing_(sizing),
      market_(std::move(market)),
      name_(std::move(name)) {
  lead(false);
}

DeskWatch::~DeskWatch() = default;

void DeskWatch::lead(bool leads) {
  watch::WatchSettings settings = deployment::watch_settings(market_);
  settings.name = name_;
  if (!leads) settings.canary.sessions.clear();
  // Whoever enters no orders has nothing to compare.
  if (const auto lookout = deployment::LookoutProcess::address_in(market_.folder);
      lookout && leads) {
    settings.vantage.others.push_back(*lookout);
  }
  // The wall clock, so that ids stay unique over restarts, too.
  incarnation_ = net::Loop::wall_ns() / 1'000'000;
  watcher_.reset();
  watcher_ = std::make_unique<watch::Watcher>(
      loop_, std::move(settings), deployment::market_processes(market_.folder),
      [this](watch::Evidence evidence) {
        evidence.id = fmt::format("{}.{}/{}", name_, incarnation_, evidence.id);
        take(std::move(evidence));
      });
}

void DeskWatch::take(watch::Evidence evidence) {
  seen_.push_back(std::move(evidence));
  if (!port_.leads() && seen_.size() > kKeptMax) seen_.erase(seen_.begin());
}

// A market that was rebuilt has another number, and takes nobody who calls it by the old one.
void DeskWatch::look_for_other_market(std::uint64_t now_ms) {
  if (now_ms < looked_ms_ + kLookForMarketMs) return;
  looked_ms_ = now_ms;
  auto market = deployment::DeploymentFile::load(market_.folder);
  if (!market || market.value().cluster == market_.cluster) return;
  market_ = std::move(market.value());
  lead(port_.leads());
}

std::uint64_t DeskWatch::tick(std::uint64_t now_ms) {
  look_for_other_market(now_ms);
  watcher_->tick();
  // What was just seen belongs into the picture before anybody sizes it up.
  if (!seen_.empty() || now_ms >= sized_ms_ + kPictureMs) {
    sized_ms_ = now_ms;
    sizing_.look(watcher_->picture(), now_ms);
  }
  if (port_.leads() && !seen_.empty()) bring();
  return std::min(watcher_->next_deadline_ms(), sized_ms_ + kPictureMs);
}

void DeskWatch::bring() {
  boost::json::array items;
  const std::size_t count = std::min(seen_.size(), kItemsInEntryMax);
  for (std::size_t at = 0; at < count; ++at) items.push_back(watch::to_json(seen_[at]));
  seen_.erase(seen_.begin(), seen_.begin() + static_cast<std::ptrdiff_t>(count));
  desk::Entry entry;
  entry.type = "evidence.seen";
  entry.by = "watch";
  entry.body = {{"items", std::move(items)}};
  port_.submit(std::move(entry), nullptr);
}

boost::json::object DeskWatch::picture() const {
  boost::json::object picture = watch::to_json(watcher_->picture());
  picture["facts"] = sizing_.facts();
  return picture;
}

}  // namespace okiagari::cli
