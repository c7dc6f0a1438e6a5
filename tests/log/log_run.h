// A log on a simulated disk under random use, beside a plain model of what it must hold. The caller
// lets it work, die and damage it; reopening compares with the model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "journal/log.h"
#include "tests/simulation/random.h"
#include "tests/simulation/simulated_disk.h"

namespace okiagari::simulation {

struct ModelEntry {
  journal::Term term = 0;
  journal::EntryType type = journal::EntryType::command;
  std::vector<std::byte> payload;
  base::Digest chain{};
};

// Entries behind `start`; the entry `start` itself is known by term and chain only.
struct ModelLog {
  journal::Index start = 0;
  journal::Term start_term = 0;
  base::Digest start_chain{};
  std::vector<ModelEntry> entries;

  [[nodiscard]] journal::Index last() const { return start + entries.size(); }
  // An index at or below last() truncates first.
  void append(journal::Index index, ModelEntry entry);
  [[nodiscard]] base::Digest chain_at(journal::Index index) const;
  [[nodiscard]] journal::Term term_at(journal::Index index) const;
};

class LogRun {
 public:
  explicit LogRun(std::uint64_t seed);

  // Opens the log and compares it with what the crashes so far allow. An empty string: all is well.
  std::string reopen();
  // Some random operations, until one throws SimulatedCrash or they are done. An empty string: all
  // is well.
  std::string work(std::uint32_t operations);
  // Ends the process, in the middle of what it did if that threw. Pulls the plug, or not.
  void die(bool loses_power);

  // After reopening a damaged log: what may be missing are entries behind the watermark, and none
  // may be wrong.
  std::string check_damaged(bool may_be_shorter);

  [[nodiscard]] SimulatedDisk& disk() { return disk_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] const journal::LogFindings& findings() const { return findings_; }
  [[nodiscard]] const journal::LogOptions& options() const { return options_; }
  base::Status open();

  struct Counters {
    std::uint64_t torn_tails = 0;
    std::uint64_t groups_in_doubt_kept = 0;
    std::uint64_t groups_in_doubt_lost = 0;
    std::uint64_t truncations = 0;
    std::uint64_t truncations_of_what_is_being_synced = 0;
    std::uint64_t syncs_in_background = 0;
    std::uint64_t drops = 0;
    std::uint64_t restarts = 0;
    std::uint64_t deaths_while_opening = 0;
  };
  Counters counters;
  // Needed by check_damaged(); costly.
  bool remembers = false;

 private:
  struct Appended {
    journal::Index index;
    ModelEntry entry;
  };

  void append();
  void remember(const ModelLog& model);
  std::string sync();
  std::string sync_in_background();
  // The first `count` of what was appended are durable now.
  void settle(std::size_t count);
  std::string drop();
  std::string restart();
  std::string read_some();
  void take_over(const ModelLog& model);
  // Whether the log is `model`, or what dropping left of it.
  [[nodiscard]] std::string difference(const ModelLog& model);
  [[nodiscard]] std::string entry_difference(const ModelLog& model, journal::Index index);

  Random random_;
  SimulatedDisk disk_;
  journal::LogOptions options_;
  journal::LogFindings findings_;
  std::unique_ptr<journal::Log> log_;
  ModelLog synced_;                 // must be there
  std::vector<Appended> unsynced_;  // a prefix of these may be there too
  std::size_t syncing_ = 0;         // so many of them are being synced
  std::vector<ModelLog> since_watermark_;
  std::optional<ModelLog> restarting_;  // this may be there instead
  journal::Index dropped_up_to_ = 0;
  journal::Term term_ = 1;
};

}  // namespace okiagari::simulation
