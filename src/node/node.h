// A node as a process: one replica with its disk, its links and its signals.
#pragma once

#include <string>

#include "base/result.h"
#include "node/config.h"
#include "node/exit_code.h"

namespace okiagari::node {

// Makes the data folder of a new replica, with a storage identity of its own. Fails when there is
// one already: formatting it again would forget what it promised. One that joins waits until a
// cluster that runs sends it its log.
base::Status format_node(const NodeConfig& config, const std::string& data_folder, bool joins);
[[nodiscard]] bool is_formatted(const std::string& data_folder);

// The folder of the journal inside a data folder.
[[nodiscard]] std::string journal_folder(const std::string& data_folder);

// Runs until SIGTERM or SIGINT, handing leadership over first, or until it may not go on; says why.
[[nodiscard]] ExitCode run_node(const NodeConfig& config, const std::string& data_folder);

}  // namespace okiagari::node
