#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "deployment/link_folder.h"

namespace okiagari::cli {

namespace {

struct CertificateOptions {
  std::string folder = "market";
  std::string name;
  std::uint32_t days = deployment::kLinkDays;
};

int run_authority(const CertificateOptions& options) {
  if (base::Status made = deployment::make_link_folder(options.folder, options.name); !made) {
    return failed(made.error().message);
  }
  fmt::print("{}\nIts key beside it signs for new processes: keep it off the servers.\n",
             deployment::link_files(options.folder, "").authority);
  return kExitHolds;
}

int run_issue(const CertificateOptions& options) {
  if (base::Status issued =
          deployment::issue_link_files(options.folder, options.name, options.days);
      !issued) {
    return failed(issued.error().message);
  }
  const net::LinkIdentityFiles files = deployment::link_files(options.folder, options.name);
  auto opened = net::LinkIdentity::open(files);
  if (!opened) return failed(opened.error().message);
  fmt::print(
      "{}, valid until {:%Y-%m-%d %H:%M} UTC; a process that runs uses it for its next "
      "connections\n",
      files.certificate, fmt::gmtime(opened.value()->expires_s()));
  return kExitHolds;
}

}  // namespace

void add_certificate_command(Command app, const Exit& exit) {
  auto options = std::make_shared<CertificateOptions>();
  const Command command =
      app.command("certificate", "Certificates of the links between a market's processes (TLS)");
  command.needs_command();
  const Command authority = command.command("authority", "Make the market's own authority");
  authority.option("--name", options->name, "What people call it").required();
  const Command issue =
      command.command("issue", "Issue or renew the certificate of one process, with a new key");
  issue.option("name", options->name, "node-1, gateway-2, operator").required();
  issue.option("--days", options->days, "How long it is valid").within(1, 3'650).shows_default();
  for (const Command one : {authority, issue}) {
    one.option("--data", options->folder, "The market's folder; they lie in certificates/")
        .shows_default();
  }
  set_action(authority, exit, [options] { return run_authority(*options); });
  set_action(issue, exit, [options] { return run_issue(*options); });
}

}  // namespace okiagari::cli
