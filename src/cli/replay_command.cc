// `okiagari replay`: recordings held to their own books, or sent into a market that runs.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "cli/commands.h"
#include "cli/flow_source.h"
#include "cli/list_instruments.h"
#include "cli/lobster_file.h"
#include "cli/lobster_flow.h"
#include "cli/lobster_replay.h"
#include "cli/market_addresses.h"
#include "cli/market_replay.h"
#include "net/tcp.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kRecordsMax = 50'000'000;
constexpr std::size_t kInstrumentsMax = 9'999;

// Which market, and how its members send.
struct IntoOptions {
  std::string folder;
  std::vector<std::string> gateways;
  std::vector<std::string> feeds;
  std::vector<std::string> sessions;
  std::string speed = "1";
  std::uint32_t rate = 0;
  std::size_t instruments = 0;  // 0: as many as recorded
  std::size_t members = 0;      // 0: all there are

  void add_to(CLI::App& command);
  [[nodiscard]] bool names_a_market() const { return !folder.empty() || !gateways.empty(); }
};

struct FlowOptions {
  std::string path;
  IntoOptions into;
  ReportOptions report;
};

struct LobsterOptions {
  std::vector<std::string> paths;
  bool check = false;
  IntoOptions into;
  ReportOptions report;
};

std::string check_speed(const std::string& text) {
  char* end = nullptr;
  const double speed = std::strtod(text.c_str(), &end);
  const bool is_number = !text.empty() && *end == '\0' && speed > 0 && speed <= 1e6;
  return text == "max" || is_number
             ? ""
             : fmt::format("'{}' is neither a number above 0 nor 'max'", text);
}

void IntoOptions::add_to(CLI::App& command) {
  CLI::Option* data =
      command.add_option("--data", folder, "Folder of a running market that `okiagari up` made");
  CLI::Option* gateway =
      command.add_option("--gateway", gateways,
                         "A gateway's address for members, HOST:PORT, instead of --data; repeat");
  CLI::Option* feed =
      command.add_option("--feed", feeds, "With --gateway: a node's feed, HOST:PORT; repeat");
  CLI::Option* session = command.add_option(
      "--session", sessions, "With --gateway: a log-in, NAME:TOKEN; repeat for more members");
  gateway->excludes(data)->needs(feed)->needs(session);
  CLI::Option* pace =
      command.add_option("--speed", speed, "1 as recorded, 10 ten times as fast, or 'max'")
          ->check(check_speed)
          ->capture_default_str();
  command.add_option("--rate", rate, "Messages a second, evenly, instead of the recorded times")
      ->check(CLI::Range(1, 1'000'000))
      ->excludes(pace);
  command
      .add_option("--instruments", instruments,
                  "Copy the recording onto so many instruments, each with a symbol of its own")
      ->check(CLI::Range(std::size_t{1}, kInstrumentsMax));
  command.add_option("--members", members, "Spread it over so many sessions; all when not given")
      ->check(CLI::Range(1, 16'384));
}

// A market that was named address by address. What it lists is its own affair.
base::Result<check::MarketAddresses> named_addresses(const IntoOptions& options, const Flow& flow) {
  check::MarketAddresses addresses;
  for (const InstrumentPlace& place : instruments_of(flow)) {
    addresses.instruments.push_back({check::padded_symbol(place.symbol), place.tick_e4, 1});
  }
  for (const std::string& text : options.gateways) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return endpoint.error();
    addresses.gateways.push_back(endpoint.value());
  }
  for (const std::string& text : options.feeds) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return endpoint.error();
    const auto node = static_cast<std::uint16_t>(addresses.feeds.size() + 1);
    addresses.feeds.push_back({node, endpoint.value(), "", ""});
  }
  for (const std::string& text : options.sessions) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0) {
      return base::Error{fmt::format("--session '{}': NAME:TOKEN is wanted", text)};
    }
    const auto number = static_cast<std::uint16_t>(addresses.members.size() + 1);
    addresses.members.push_back({number, text.substr(0, colon), text.substr(colon + 1)});
  }
  if (options.members > 0 && options.members < addresses.members.size()) {
    addresses.members.resize(options.members);
  }
  return addresses;
}

int replay(const std::string& name, Flow recorded, const IntoOptions& options,
           const ReportOptions& report) {
  const std::size_t instruments =
      options.instruments > 0 ? options.instruments : recorded.instruments.size();
  const std::size_t copies =
      (instruments + recorded.instruments.size() - 1) / recorded.instruments.size();
  if (instruments > kInstrumentsMax || copies * recorded.records.size() > kRecordsMax) {
    return failed(fmt::format("{} instruments are {} copies of {} records: more than the {} that "
                              "one replay holds; name fewer",
                              instruments, copies, recorded.records.size(), kRecordsMax),
                  kExitWrongUse);
  }
  MarketReplay replay;
  replay.name = name;
  replay.flow = spread_over(recorded, static_cast<std::uint16_t>(instruments));
  replay.rate = options.rate;
  replay.speed = options.speed == "max" ? 0 : std::strtod(options.speed.c_str(), nullptr);
  if (!options.gateways.empty()) {
    auto addresses = named_addresses(options, replay.flow);
    if (!addresses) return failed(addresses.error().message, kExitWrongUse);
    replay.addresses = std::move(addresses.value());
  } else {
    auto market = DeploymentFile::load(options.folder);
    if (!market) return failed(market.error().message, kExitWrongUse);
    auto listed = list_instruments(market.value(), instruments_of(replay.flow));
    if (!listed) return failed(listed.error().message);
    const std::size_t all = std::numeric_limits<std::size_t>::max();
    replay.addresses =
        market_addresses(market.value(), options.members > 0 ? options.members : all);
  }
  auto done = replay_into_market(replay);
  if (!done) return failed(done.error().message);
  return report.print(done.value());
}

int run_flow(const FlowOptions& options) {
  auto flow = read_flow(options.path);
  if (!flow) return failed(flow.error().message, kExitWrongUse);
  IntoOptions into = options.into;
  if (!into.names_a_market()) into.folder = "market";
  return replay("replay flow", std::move(flow.value()), into, options.report);
}

int hold_to_books(const std::vector<std::string>& files, const LobsterOptions& options) {
  base::Report report("replay lobster", 0);
  for (const std::string& file : files) {
    auto counts = replay_lobster(
        file, [&](std::uint64_t rows) { say(fmt::format("{}: {} rows", file, rows)); });
    if (!counts) return failed(counts.error().message);
    if (!counts.value().first_mismatch.empty()) say(counts.value().first_mismatch);
    judge_lobster(file, book_file_of(file).has_value(), counts.value(), report);
  }
  const int status = options.report.print(report);
  return options.check ? status : kExitHolds;
}

int run_lobster(const LobsterOptions& options) {
  const std::vector<std::string> files = lobster_message_files(options.paths);
  if (files.empty())
    return failed("no LOBSTER message file (..._message_N.csv) is there", kExitWrongUse);
  if (!options.into.names_a_market()) return hold_to_books(files, options);
  auto read = read_lobster_flow(files);
  if (!read) return failed(read.error().message, kExitWrongUse);
  LobsterFlow& recorded = read.value();
  say(fmt::format(
      "{} rows; left out are {} hidden executions, {} halts, {} of orders from before "
      "the recording",
      recorded.rows, recorded.hidden_executions, recorded.halts, recorded.rows_of_older_orders));
  return replay("replay lobster", std::move(recorded.flow), options.into, options.report);
}

void add_flow_command(CLI::App& command, const Exit& exit) {
  auto options = std::make_shared<FlowOptions>();
  CLI::App* flow = command.add_subcommand(
      "flow", "Recorded order flow (samples/README.md) into a running market, by its members");
  flow->add_option("FILE", options->path, "Plain, .xz or .zst")
      ->required()
      ->check(CLI::ExistingFile);
  options->into.add_to(*flow);
  options->report.add_to(*flow);
  flow->footer(
      "Instruments that the market does not list are added to it, with cash and lots for its\n"
      "accounts. Ctrl-C ends the replay with what was measured so far. The exit status is 0 when\n"
      "every message was answered and none refused.\n\n"
      "Examples:\n"
      "  okiagari up --data market                        (in another terminal)\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market --speed 10 --instruments 50\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market --speed max --json\n"
      "  okiagari replay flow FILE --gateway 10.0.0.8:7001 --feed 10.0.0.5:7002 --session "
      "A1:secret");
  set_action(*flow, exit, [options] { return run_flow(*options); });
}

void add_lobster_command(CLI::App& command, const Exit& exit) {
  auto options = std::make_shared<LobsterOptions>();
  CLI::App* lobster = command.add_subcommand(
      "lobster",
      "LOBSTER recordings held to their recorded books, or with --data into a running market");
  lobster
      ->add_option(
          "FILE", options->paths,
          "Message files, plain or .xz, or folders of them; order book files are found by name")
      ->required()
      ->check(CLI::ExistingPath);
  CLI::Option* check = lobster->add_flag("--check", options->check,
                                         "Exit with 1 when the recording and the venue disagree");
  options->into.add_to(*lobster);
  for (const char* name : {"--data", "--gateway"}) check->excludes(lobster->get_option(name));
  options->report.add_to(*lobster);
  lobster->footer(
      "Without --data or --gateway no market is needed: each recording goes through the venue's\n"
      "state machine, and the venue's book is held to the recorded one after every row.\n\n"
      "Examples:\n"
      "  okiagari replay lobster --check AAPL_2012-06-21_34200000_57600000_message_10.csv\n"
      "  okiagari replay lobster recordings/ --data market --speed 10");
  set_action(*lobster, exit, [options] { return run_lobster(*options); });
}

}  // namespace

void add_replay_command(CLI::App& app, const Exit& exit) {
  CLI::App* command =
      app.add_subcommand("replay", "Recorded order flow: held to its books, or into a market");
  command->require_subcommand(1);
  add_flow_command(*command, exit);
  add_lobster_command(*command, exit);
}

}  // namespace okiagari::cli
