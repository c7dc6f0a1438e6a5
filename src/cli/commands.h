// Every subcommand of okiagari, in the order in which --help lists them.
#pragma once

#include "cli/command.h"

namespace okiagari::cli {

void add_run_command(CLI::App& app, const Exit& exit);
void add_up_command(CLI::App& app, const Exit& exit);
void add_status_command(CLI::App& app, const Exit& exit);
void add_transfer_command(CLI::App& app, const Exit& exit);
void add_node_command(CLI::App& app, const Exit& exit);
void add_gateway_command(CLI::App& app, const Exit& exit);
void add_replay_command(CLI::App& app, const Exit& exit);
void add_verify_command(CLI::App& app, const Exit& exit);
void add_bench_command(CLI::App& app, const Exit& exit);
void add_check_command(CLI::App& app, const Exit& exit);

}  // namespace okiagari::cli
