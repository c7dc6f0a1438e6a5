#include "bench/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "bench/neutral_stream.h"
#include "bench/timing.h"
#include "bench/venue_stream.h"
#include "journal/log.h"
#include "journal/posix_disk.h"
#include "net/loop.h"
#include "venue/batch_writer.h"
#include "venue/venue.h"

namespace okiagari::bench {

using venue::BatchWriter;

namespace {

constexpr std::uint16_t kSnapshotBooks = 100;
constexpr std::size_t kBatchCommands = 256;

// Orders that do not meet: buys below the middle, sells above it, spread over levels and sessions.
void fill(venue::Venue& venue, std::uint32_t live_orders) {
  BatchWriter batch;
  base::ByteWriter events;
  add_market(kSnapshotBooks, batch);
  venue.apply_batch(batch.finish(kStart_ns), events);

  std::uint64_t state = 20260101;
  const auto next = [&state] {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t z = state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  };
  Sender sender(live_orders);
  for (std::uint32_t id = 1; id <= live_orders;) {
    batch.clear();
    for (; id <= live_orders && batch.count() < 4'096; ++id) {
      const std::uint64_t random = next();
      StreamRecord record{};
      record.id = id;
      record.side = random & 1;
      const auto distance = static_cast<std::uint32_t>(1 + (random >> 8) % 500);
      record.price = record.side == 0 ? 100'000 - distance : 100'000 + distance;
      record.quantity = static_cast<std::uint32_t>(1 + (random >> 24) % 1'000);
      record.symbol = static_cast<std::uint16_t>((random >> 40) % kSnapshotBooks);
      record.type = RecordType::limit;
      sender.send(record, batch);
    }
    events.clear();
    venue.apply_batch(batch.finish(kStart_ns + id), events);
  }
}

void measure_snapshot(const RecoveryOptions& options, base::Report& report) {
  options.progress(fmt::format("entering {} orders", options.live_orders));
  venue::Venue venue{venue::Limits{}};
  fill(venue, options.live_orders);

  std::vector<double> write_ms;
  std::vector<double> load_ms;
  base::ByteWriter first;
  venue.write_snapshot(first);
  bool is_equal = true;
  std::string refusal = "none";
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("round {} of {}", round, options.rounds));
    base::ByteWriter again;
    const std::uint64_t start_ns = thread_time_ns();
    venue.write_snapshot(again);
    const std::uint64_t written_ns = thread_time_ns();
    venue::Venue restored{venue::Limits{}};
    if (const base::Status status = restored.load_snapshot(again.view()); !status) {
      refusal = status.error().message;
    }
    const std::uint64_t loaded_ns = thread_time_ns();
    write_ms.push_back(static_cast<double>(written_ns - start_ns) / 1e6);
    load_ms.push_back(static_cast<double>(loaded_ns - written_ns) / 1e6);
    base::ByteWriter copy;
    restored.write_snapshot(copy);
    is_equal &= std::ranges::equal(copy.view(), first.view());
  }
  report.check("live orders", static_cast<std::int64_t>(venue.books().live_orders()),
               static_cast<std::int64_t>(options.live_orders));
  report.check("refusal", refusal, std::string("none"));
  report.check("loaded and written again it is the same", is_equal, true);
  report.figure("snapshot", static_cast<double>(first.size()) / 1e6, "MB");
  report.figure("snapshot written", median(write_ms), "ms");
  report.figure_at_most("snapshot loaded", median(load_ms), "ms", 1'000);
}

// The log of a server that served `commands` of stream A100 in batches of 256.
base::Status write_log(journal::Disk& disk, std::uint64_t commands, std::uint64_t& state_hash) {
  journal::LogFindings findings;
  auto log = journal::Log::open(disk, journal::LogOptions{}, findings);
  if (!log) return log.error();
  const Stream& stream = *find_stream("A100");
  const std::vector<StreamRecord> records = generate(stream, commands);
  venue::Venue venue{venue::Limits{}};
  base::ByteWriter events;
  BatchWriter batch;
  add_market(stream.symbols, batch);
  Sender sender(records.size());
  journal::Index index = 0;
  const auto append = [&](base::Bytes bytes) {
    log.value()->append(++index, 1, journal::EntryType::command, bytes);
    events.clear();
    venue.apply_batch(bytes, events);
  };
  append(batch.finish(kStart_ns));
  for (std::size_t first = 0; first < records.size(); first += kBatchCommands) {
    batch.clear();
    const std::size_t end = std::min<std::size_t>(records.size(), first + kBatchCommands);
    for (std::size_t i = first; i < end; ++i) sender.send(records[i], batch);
    append(batch.finish(kStart_ns + 1'000 * first));
    if (index % 64 == 0) {
      if (base::Status status = log.value()->sync(); !status) return status;
    }
  }
  state_hash = venue.state_hash();
  return log.value()->sync();
}

struct Replay {
  double commands_per_s = 0;
  std::uint64_t state_hash = 0;
};

// What a start does with it: every record read from the folder and checked, every command applied.
base::Result<Replay> replay_log(journal::Disk& disk) {
  const std::uint64_t start_ns = net::Loop::now_ns();
  auto reader = journal::LogReader::open(disk);
  if (!reader) return reader.error();
  venue::Venue venue{venue::Limits{}};
  base::ByteWriter events;
  journal::Entry entry;
  for (;;) {
    auto more = reader.value()->next(entry);
    if (!more) return more.error();
    if (!more.value()) break;
    events.clear();
    venue.apply_batch(entry.payload, events);
  }
  const auto elapsed_ns = static_cast<double>(net::Loop::now_ns() - start_ns);
  return Replay{static_cast<double>(venue.last_sequence()) * 1e9 / elapsed_ns, venue.state_hash()};
}

base::Status measure_replay(const RecoveryOptions& options, base::Report& report) {
  auto disk = journal::PosixDisk::open_folder(options.folder, true);
  if (!disk) return disk.error();
  options.progress(fmt::format("writing a log of {} commands", options.commands));
  std::uint64_t expected_hash = 0;
  if (base::Status status = write_log(*disk.value(), options.commands, expected_hash); !status) {
    return status;
  }
  std::vector<double> rates;
  bool is_same = true;
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("replay {} of {}", round, options.rounds));
    auto replay = replay_log(*disk.value());
    if (!replay) return replay.error();
    rates.push_back(replay.value().commands_per_s);
    is_same &= replay.value().state_hash == expected_hash;
  }
  report.check(fmt::format("state hash {:016x} after every replay", expected_hash), is_same, true);
  report.figure("slowest replay", *std::min_element(rates.begin(), rates.end()), "commands/s");
  report.figure_at_least("log replayed", median(rates), "commands/s", 2'000'000);
  return {};
}

}  // namespace

base::Result<base::Report> bench_recovery(const RecoveryOptions& options) {
  ASSERT(options.live_orders > 0 && options.rounds > 0 && options.commands > 0, "bad options");
  base::Report report("bench recovery", 20260101);
  measure_snapshot(options, report);
  if (base::Status status = measure_replay(options, report); !status) return status.error();
  return report;
}

}  // namespace okiagari::bench
