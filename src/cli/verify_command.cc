#include <fmt/format.h>

#include "base/hash.h"
#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "salvage/verify.h"

namespace okiagari::cli {

namespace {

struct VerifyOptions {
  std::vector<std::string> folders;
  std::string proof;
  ReportOptions report;
};

int run_verify(const VerifyOptions& options) {
  auto verification = salvage::verify_folders(options.folders, say);
  if (!verification) return failed(verification.error().message, kExitDoesNotHold);
  if (!options.proof.empty()) {
    if (base::Status status = salvage::write_proof(verification.value(), options.proof); !status) {
      return failed(status.error().message);
    }
    auto proof = base::read_whole_file(options.proof);
    if (!proof) return failed(proof.error().message);
    say(fmt::format("the proof is {}, its digest {}", options.proof,
                    base::to_hex(base::digest(base::as_bytes(proof.value())))));
  }
  return options.report.print(verification.value().report);
}

}  // namespace

void add_verify_command(Command app, const Exit& exit) {
  auto options = std::make_shared<VerifyOptions>();
  const Command command = app.command(
      "verify",
      "Check logs, snapshots, histories and balances of stopped nodes, and write the proof");
  command
      .option("DIR", options->folders,
              "Folders of nodes, or a folder that holds node-1, node-2, ...")
      .required()
      .existing_folder();
  command.option(
      "--proof", options->proof,
      "Write the proof to this file (JSON), and say its digest, on which lifts of halts rest");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_verify(*options); });
}

}  // namespace okiagari::cli
