#include "tests/log/log_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "journal/segment.h"

namespace okiagari::simulation {

using journal::EntryType;
using journal::Index;
using journal::Term;

void ModelLog::append(Index index, ModelEntry entry) {
  entries.resize(index - start - 1);
  journal::RecordHeader header;
  header.index = index;
  header.term = entry.term;
  header.payload_bytes = static_cast<std::uint32_t>(entry.payload.size());
  header.type = static_cast<std::uint8_t>(entry.type);
  entry.chain = journal::chain_after(chain_at(index - 1), header, entry.payload);
  entries.push_back(std::move(entry));
}

base::Digest ModelLog::chain_at(Index index) const {
  return index == start ? start_chain : entries[index - start - 1].chain;
}

Term ModelLog::term_at(Index index) const {
  return index == start ? start_term : entries[index - start - 1].term;
}

LogRun::LogRun(std::uint64_t seed) : random_(seed, 1), disk_(Random(seed, 2).next()) {
  const std::array<std::uint64_t, 4> segments = {8U << 10, 16U << 10, 32U << 10, 64U << 10};
  options_.segment_bytes = segments[random_.below(segments.size())];
  options_.cache_bytes = random_.below(options_.segment_bytes);
  options_.spare_segments = 0;
  options_.reused_segments = static_cast<std::uint32_t>(random_.below(3));
  disk_.sync_in_the_background(true);
}

base::Status LogRun::open() {
  log_.reset();
  base::Result<std::unique_ptr<journal::Log>> opened =
      journal::Log::open(disk_, options_, findings_);
  if (!opened) return opened.error();
  log_ = std::move(opened.value());
  return {};
}

std::string LogRun::reopen() {
  while (true) {
    try {
      const base::Status opened = open();
      if (!opened) return "refused though nothing was damaged: " + opened.error().message;
      break;
    } catch (const SimulatedCrash&) {
      ++counters.deaths_while_opening;
      die(random_.chance(700));
    }
  }
  disk_.disarm();
  if (findings_.below_watermark) return "below the watermark though nothing was damaged";
  if (findings_.torn_tail) ++counters.torn_tails;
  ModelLog model = synced_;
  std::string why = difference(model);
  for (std::size_t kept = 0; !why.empty() && kept < unsynced_.size(); ++kept) {
    model.append(unsynced_[kept].index, unsynced_[kept].entry);
    remember(model);
    if (difference(model).empty()) {
      why.clear();
      ++counters.groups_in_doubt_kept;
    }
  }
  if (!why.empty() && restarting_ && difference(*restarting_).empty()) {
    model = *restarting_;
    why.clear();
  }
  if (model.last() == synced_.last() && !unsynced_.empty()) ++counters.groups_in_doubt_lost;
  take_over(model);
  return why;
}

void LogRun::take_over(const ModelLog& model) {
  synced_ = model;
  unsynced_.clear();
  syncing_ = 0;
  remember(synced_);
  restarting_.reset();
}

std::string LogRun::entry_difference(const ModelLog& model, Index index) {
  base::Result<journal::Entry> read = log_->read(index);
  if (!read) return fmt::format("entry {} cannot be read: {}", index, read.error().message);
  const journal::Entry& entry = read.value();
  const ModelEntry& expected = model.entries[index - model.start - 1];
  if (!std::ranges::equal(entry.payload, expected.payload) || entry.chain != expected.chain ||
      entry.term != expected.term || entry.type != expected.type || entry.index != index) {
    return fmt::format("entry {} is not what was appended", index);
  }
  if (log_->term_at(index) != expected.term || log_->type_at(index) != expected.type ||
      log_->chain_at(index) != expected.chain) {
    return fmt::format("entry {} is not what was appended, by its position", index);
  }
  return "";
}

std::string LogRun::difference(const ModelLog& model) {
  const Index first = log_->first_index();
  if (log_->last_index() != model.last() || log_->synced_index() != model.last()) {
    return fmt::format("ends with {}, synced {}, instead of {}", log_->last_index(),
                       log_->synced_index(), model.last());
  }
  if (first <= model.start || first - 1 > std::max(model.start, dropped_up_to_)) {
    return fmt::format("begins with {}, having dropped up to {}", first, dropped_up_to_);
  }
  if (log_->term_at(first - 1) != model.term_at(first - 1) ||
      log_->chain_at(first - 1) != model.chain_at(first - 1)) {
    return fmt::format("continues from another entry {}", first - 1);
  }
  for (Index index = first; index <= model.last(); ++index) {
    std::string why = entry_difference(model, index);
    if (!why.empty()) return why;
  }
  return "";
}

std::string LogRun::check_damaged(bool may_be_shorter) {
  if (findings_.below_watermark) return "";
  const std::string why = difference(synced_);
  if (why.empty() || !may_be_shorter) return why;
  for (const ModelLog& model : since_watermark_) {
    if (difference(model).empty()) return "";
  }
  return "not a log there was since the watermark was raised: " + why;
}

std::string LogRun::work(std::uint32_t operations) {
  std::string why;
  for (std::uint32_t i = 0; i < operations && why.empty(); ++i) {
    const std::uint64_t choice = random_.below(100);
    if (choice < 55) {
      append();
    } else if (choice < 65) {
      why = sync();
    } else if (choice < 85) {
      why = sync_in_background();
    } else if (choice < 90) {
      why = read_some();
    } else if (choice < 95) {
      const base::Status raised = log_->raise_watermark(log_->synced_index());
      if (!raised) why = raised.error().message;
      // An unsynced truncation lowers what can be told, but not yet what is on disk.
      if (unsynced_.empty()) since_watermark_.clear();
      remember(synced_);
    } else if (choice < 98) {
      why = drop();
    } else if (random_.chance(300)) {
      why = restart();
    }
  }
  return why;
}

void LogRun::remember(const ModelLog& model) {
  if (remembers) since_watermark_.push_back(model);
}

void LogRun::append() {
  Index index = log_->last_index() + 1;
  // What a snapshot holds is committed and never truncated.
  const Index lowest = std::max(log_->first_index(), dropped_up_to_ + 1);
  if (random_.chance(80) && lowest <= log_->last_index()) {
    index = random_.between(lowest, log_->last_index());
    ++term_;
    ++counters.truncations;
  }
  ModelEntry entry;
  entry.term = term_;
  entry.type = static_cast<EntryType>(random_.between(1, 3));
  const std::uint64_t largest = random_.chance(50) ? options_.segment_bytes - 1200 : 900;
  entry.payload.resize(random_.below(largest));
  for (std::byte& byte : entry.payload) byte = static_cast<std::byte>(random_.between(1, 255));
  log_->append(index, entry.term, entry.type, entry.payload);
  unsynced_.push_back({index, std::move(entry)});
}

std::string LogRun::sync() {
  const base::Status synced = log_->sync();
  if (!synced) return synced.error().message;
  settle(unsynced_.size());
  return log_->dirty() || log_->synced_index() != synced_.last() ? "not synced after sync()" : "";
}

// One by one, as a sync that is larger than a segment is several groups.
void LogRun::settle(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    synced_.append(unsynced_[i].index, std::move(unsynced_[i].entry));
    remember(synced_);
  }
  unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(count));
  syncing_ = 0;
}

std::string LogRun::sync_in_background() {
  base::Status status;
  if (!log_->is_syncing() && log_->dirty()) {
    syncing_ = unsynced_.size();
    status = log_->begin_sync();
    ++counters.syncs_in_background;
  } else {
    status = log_->end_sync(false);
  }
  if (!status) return status.error().message;
  if (log_->is_syncing() || syncing_ == 0) return "";
  settle(syncing_);
  Index durable = synced_.last();
  for (const Appended& later : unsynced_) durable = std::min(durable, later.index - 1);
  if (durable < synced_.last()) ++counters.truncations_of_what_is_being_synced;
  return log_->synced_index() == durable ? ""
                                         : fmt::format("synced {} in the background instead of {}",
                                                       log_->synced_index(), durable);
}

std::string LogRun::read_some() {
  ModelLog model = synced_;
  for (const Appended& appended : unsynced_) model.append(appended.index, appended.entry);
  if (log_->last_index() != model.last()) return "another length before the sync";
  if (log_->last_index() < log_->first_index()) return "";
  return entry_difference(model, random_.between(log_->first_index(), model.last()));
}

std::string LogRun::drop() {
  if (synced_.entries.empty() || !unsynced_.empty()) return "";
  // A replica drops what a snapshot holds, and keeps some behind it.
  dropped_up_to_ = std::max(dropped_up_to_, random_.between(synced_.start, synced_.last()));
  ++counters.drops;
  const base::Status dropped = log_->drop_up_to(dropped_up_to_);
  return dropped ? "" : dropped.error().message;
}

std::string LogRun::restart() {
  ModelLog next;
  next.start = synced_.last() + random_.below(50);
  next.start_term = ++term_;
  for (std::byte& byte : next.start_chain) byte = static_cast<std::byte>(random_.below(256));
  restarting_ = next;
  remember(next);
  ++counters.restarts;
  const base::Status restarted = log_->restart_after(next.start, next.start_term, next.start_chain);
  if (!restarted) return restarted.error().message;
  take_over(next);
  return "";
}

void LogRun::die(bool loses_power) {
  disk_.forget_sync();
  log_.reset();
  if (loses_power) {
    disk_.crash();
  } else {
    disk_.kill();
  }
}

}  // namespace okiagari::simulation
