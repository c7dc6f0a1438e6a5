// Every subcommand of okiagari, in the order in which --help lists them.
#pragma once

#include "cli/cli_fwd.h"
#include "cli/command.h"

namespace okiagari::cli {

void add_run_command(CLI::App& app, const Exit& exit);
void add_up_command(CLI::App& app, const Exit& exit);
void add_status_command(CLI::App& app, const Exit& exit);
void add_transfer_command(CLI::App& app, const Exit& exit);
void add_member_command(CLI::App& app, const Exit& exit);
void add_watch_command(CLI::App& app, const Exit& exit);
void add_halt_command(CLI::App& app, const Exit& exit);
void add_calendar_command(CLI::App& app, const Exit& exit);
void add_key_command(CLI::App& app, const Exit& exit);
void add_certificate_command(CLI::App& app, const Exit& exit);
void add_node_command(CLI::App& app, const Exit& exit);
void add_gateway_command(CLI::App& app, const Exit& exit);
void add_desk_command(CLI::App& app, const Exit& exit);
void add_incident_command(CLI::App& app, const Exit& exit);
void add_audit_command(CLI::App& app, const Exit& exit);
void add_contact_command(CLI::App& app, const Exit& exit);
void add_replay_command(CLI::App& app, const Exit& exit);
void add_decode_command(CLI::App& app, const Exit& exit);
void add_encode_command(CLI::App& app, const Exit& exit);
void add_auction_command(CLI::App& app, const Exit& exit);
void add_verify_command(CLI::App& app, const Exit& exit);
void add_promote_command(CLI::App& app, const Exit& exit);
void add_bench_command(CLI::App& app, const Exit& exit);
void add_check_command(CLI::App& app, const Exit& exit);
void add_check_feed_command(CLI::App& app, const Exit& exit);
void add_cause_command(CLI::App& app, const Exit& exit);
void add_drill_command(CLI::App& app, const Exit& exit);
void add_notice_command(CLI::App& app, const Exit& exit);

// Below commands that are there: what a person does at a desk that runs.
void add_contact_acts(CLI::App& app, const Exit& exit);
void add_approval_command(CLI::App& app, const Exit& exit);
void add_account_command(CLI::App& app, const Exit& exit);
void add_desk_act_commands(CLI::App& app, const Exit& exit);

// The measurement among them that has a file of its own.
void add_cause_bench(CLI::App& bench, const Exit& exit);

}  // namespace okiagari::cli
