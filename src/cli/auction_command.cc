// `okiagari auction`: cases of call auctions from a file, by the rules of a market.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>

#include "cli/auction_case.h"
#include "cli/auction_rule_sets.h"
#include "cli/auction_run.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "recordings/unpacked_file.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kFileBytesMax = 64u << 20;

struct AuctionOptions {
  std::string path;
  std::string rules;
};

base::Result<std::vector<AuctionCase>> read_cases(const std::string& path) {
  auto file = recordings::UnpackedFile::open(path);
  if (!file) return file.error();
  std::string text;
  for (;;) {
    auto more = file.value().read(text);
    if (!more) return more.error();
    if (text.size() > kFileBytesMax) return base::Error{path + ": more than 64 MiB"};
    if (!more.value()) break;
  }
  auto cases = parse_auction_cases(text);
  if (!cases) return base::Error{fmt::format("{}: {}", path, cases.error().message)};
  return cases;
}

int run_auction(const AuctionOptions& options) {
  auto cases = read_cases(options.path);
  if (!cases) return failed(cases.error().message, kExitWrongUse);
  int status = kExitHolds;
  for (const AuctionCase& auction : cases.value()) {
    const std::string name = !options.rules.empty()  ? options.rules
                             : auction.rules.empty() ? "xetra"
                                                     : auction.rules;
    auto rules = find_auction_rules(name);
    if (!rules) return failed(rules.error().message, kExitWrongUse);
    const AuctionVerdict verdict = run_auction_case(auction, rules.value());
    if (!verdict.holds) status = kExitDoesNotHold;
    const std::string line = boost::json::serialize(verdict.line) + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  std::fflush(stdout);
  return status;
}

}  // namespace

void add_auction_command(Command app, const Exit& exit) {
  const Command command =
      app.command("auction",
                  "What call auctions end with: price, volume, surplus and each order's fill, one "
                  "JSON object a case, held to what the file expects");
  auto options = std::make_shared<AuctionOptions>();
  command.option("file", options->path, "Cases in JSON (docs/formats/auctions.md)").required();
  command.option("--rules", options->rules,
                 fmt::format("By these rules, whatever the file names: {}, or the path of a "
                             "rule set's file (docs/auctions.md)",
                             auction_rule_names()));
  set_action(command, exit, [options] { return run_auction(*options); });
}

}  // namespace okiagari::cli
