#include "cli/replay_into.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "cli/command_line.h"
#include "cli/flow_source.h"
#include "cli/list_instruments.h"
#include "cli/market_replay.h"
#include "deployment/market_addresses.h"
#include "net/tcp.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kRecordsMax = 50'000'000;
constexpr std::size_t kInstrumentsMax = 9'999;

std::string check_speed(const std::string& text) {
  char* end = nullptr;
  const double speed = std::strtod(text.c_str(), &end);
  const bool is_number = !text.empty() && *end == '\0' && speed > 0 && speed <= 1e6;
  return text == "max" || is_number
             ? ""
             : fmt::format("'{}' is neither a number above 0 nor 'max'", text);
}

// A market that was named address by address. What it lists is its own affair.
base::Result<check::MarketAddresses> named_addresses(const IntoOptions& options,
                                                     const recordings::Flow& flow) {
  check::MarketAddresses addresses;
  for (const deployment::InstrumentPlace& place : instruments_of(flow)) {
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

}  // namespace

void IntoOptions::add_to(Command command) {
  const Option data =
      command.option("--data", folder, "Folder of a running market that `okiagari up` made");
  const Option gateway =
      command.option("--gateway", gateways,
                     "A gateway's address for members, HOST:PORT, instead of --data; repeat");
  const Option feed =
      command.option("--feed", feeds, "With --gateway: a node's feed, HOST:PORT; repeat");
  const Option session = command.option(
      "--session", sessions, "With --gateway: a log-in, NAME:TOKEN; repeat for more members");
  gateway.excludes(data).needs(feed).needs(session);
  const Option pace =
      command.option("--speed", speed, "1 as recorded, 10 ten times as fast, or 'max'")
          .checked_by(check_speed)
          .shows_default();
  command.option("--rate", rate, "Messages a second, evenly, instead of the recorded times")
      .within(1, 1'000'000)
      .excludes(pace);
  command
      .option("--instruments", instruments,
              "Copy the recording onto so many instruments, each with a symbol of its own")
      .within(std::size_t{1}, kInstrumentsMax);
  command.option("--members", members, "Spread it over so many sessions; all when not given")
      .within(1, 16'384);
}

int replay_into(const std::string& name, const recordings::Flow& recorded,
                const IntoOptions& options, const ReportOptions& report) {
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
  replay.flow = recordings::spread_over(recorded, static_cast<std::uint16_t>(instruments));
  replay.rate = options.rate;
  replay.speed = options.speed == "max" ? 0 : std::strtod(options.speed.c_str(), nullptr);
  if (!options.gateways.empty()) {
    auto addresses = named_addresses(options, replay.flow);
    if (!addresses) return failed(addresses.error().message, kExitWrongUse);
    replay.addresses = std::move(addresses.value());
  } else {
    auto market = deployment::DeploymentFile::load(options.folder);
    if (!market) return failed(market.error().message, kExitWrongUse);
    auto listed = list_instruments(market.value(), instruments_of(replay.flow));
    if (!listed) return failed(listed.error().message);
    const std::size_t all = std::numeric_limits<std::size_t>::max();
    replay.addresses =
        deployment::market_addresses(market.value(), options.members > 0 ? options.members : all);
  }
  auto done = replay_into_market(replay);
  if (!done) return failed(done.error().message);
  return report.print(done.value());
}

}  // namespace okiagari::cli
