// Every subcommand of okiagari, in the order in which --help lists them.
#pragma once

#include "cli/command.h"
#include "cli/command_line.h"

namespace okiagari::cli {

void add_run_command(Command app, const Exit& exit);
void add_up_command(Command app, const Exit& exit);
void add_status_command(Command app, const Exit& exit);
void add_transfer_command(Command app, const Exit& exit);
void add_member_command(Command app, const Exit& exit);
void add_watch_command(Command app, const Exit& exit);
void add_halt_command(Command app, const Exit& exit);
void add_calendar_command(Command app, const Exit& exit);
void add_key_command(Command app, const Exit& exit);
void add_certificate_command(Command app, const Exit& exit);
void add_node_command(Command app, const Exit& exit);
void add_gateway_command(Command app, const Exit& exit);
void add_desk_command(Command app, const Exit& exit);
void add_incident_command(Command app, const Exit& exit);
void add_audit_command(Command app, const Exit& exit);
void add_contact_command(Command app, const Exit& exit);
void add_replay_command(Command app, const Exit& exit);
void add_decode_command(Command app, const Exit& exit);
void add_encode_command(Command app, const Exit& exit);
void add_auction_command(Command app, const Exit& exit);
void add_verify_command(Command app, const Exit& exit);
void add_promote_command(Command app, const Exit& exit);
void add_bench_command(Command app, const Exit& exit);
void add_check_command(Command app, const Exit& exit);
void add_check_feed_command(Command app, const Exit& exit);
void add_cause_command(Command app, const Exit& exit);
void add_drill_command(Command app, const Exit& exit);
void add_notice_command(Command app, const Exit& exit);

// Below commands that are there: what a person does at a desk that runs.
void add_contact_acts(Command app, const Exit& exit);
void add_approval_command(Command app, const Exit& exit);
void add_account_command(Command app, const Exit& exit);
void add_desk_act_commands(Command app, const Exit& exit);

// The measurement among them that has a file of its own.
void add_cause_bench(Command bench, const Exit& exit);

}  // namespace okiagari::cli
