// What a market's host knows of an outage, read from outside the processes: logs around the fault,
// configuration, metrics, where every replica is, what a process said when it died, what was
// running. Takes seconds and waits for others: never on a loop that leads people.
#pragma once

#include <string>

#include "base/types.h"
#include "cli/signed_bundle.h"

namespace okiagari::cli {

struct BundleWindow {
  TimestampNs from_ns = 0;
  TimestampNs to_ns = 0;
};

void add_logs(SignedBundle& bundle, const std::string& market_folder, const BundleWindow& window);
void add_configuration(SignedBundle& bundle, const std::string& market_folder);
// The pages as they are now, one for each process that shows one.
void add_metrics(SignedBundle& bundle, const std::string& market_folder);
// From each server that answers; from the files of one that does not.
void add_positions(SignedBundle& bundle, const std::string& market_folder);
void add_build(SignedBundle& bundle);

// Lines of a log whose time is within the window, with what stands behind them without a time: the
// dying words of a process. At most `bytes_max`, half from each end; `cut` says how many are gone.
[[nodiscard]] std::string lines_within(std::string_view log, const BundleWindow& window,
                                       std::size_t bytes_max, std::size_t& cut);
// From "invariant broken" or "died of signal" on, until the next line with a time; all of them.
[[nodiscard]] std::string dying_words(std::string_view log);

}  // namespace okiagari::cli
