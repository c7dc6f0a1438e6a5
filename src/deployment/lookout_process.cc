#include "deployment/lookout_process.h"

#include <fmt/format.h>
#include <signal.h>

#include "base/whole_file.h"
#include "deployment/deployment_file.h"
#include "deployment/free_ports.h"
#include "deployment/market_watching.h"
#include "net/loop.h"

namespace okiagari::deployment {

namespace {
constexpr std::uint64_t kRestartMs = 500;
constexpr std::uint64_t kStopMs = 5'000;
constexpr std::size_t kAddressBytesMax = 256;
}  // namespace

std::string LookoutProcess::path_in(const std::string& market_folder) {
  return market_folder + "/lookout.address";
}

std::optional<net::Endpoint> LookoutProcess::address_in(const std::string& market_folder) {
  auto text = base::read_whole_file(path_in(market_folder), kAddressBytesMax);
  if (!text) return std::nullopt;
  std::string& line = text.value();
  line.erase(line.find_last_not_of(" \n") + 1);
  auto at = net::parse_endpoint(line);
  if (!at) return std::nullopt;
  return at.value();
}

base::Status LookoutProcess::start(const std::string& program, const std::string& market_folder) {
  program_ = program;
  folder_ = market_folder;
  auto market = DeploymentFile::load(folder_);
  if (!market) return market.error();
  if (!has_lookout(market.value())) return {};
  if (const auto before = address_in(folder_)) {
    at_ = *before;
  } else {
    auto ports = find_free_ports(0, 1);
    if (!ports) return ports.error();
    at_ = {"127.0.0.1", ports.value().front()};
    const std::string text = net::to_string(at_) + "\n";
    if (base::Status status = base::write_whole_file(path_in(folder_), text); !status)
      return status;
  }
  is_wanted_ = true;
  return start_child();
}

base::Status LookoutProcess::start_child() {
  auto child = base::ChildProcess::start(
      {program_, "watch", "--data", folder_, "--lookout", "--serve", net::to_string(at_), "--json"},
      folder_ + "/lookout.log");
  if (!child) return child.error();
  child_ = std::move(child.value());
  return {};
}

void LookoutProcess::supervise() {
  if (!is_wanted_) return;
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (child_.is_running()) {
    if (child_.has_ended()) restart_ms_ = now_ms + kRestartMs;
    return;
  }
  if (now_ms < restart_ms_) return;
  restart_ms_ = now_ms + kStopMs;
  (void)start_child();
}

void LookoutProcess::stop() {
  is_wanted_ = false;
  child_.send_signal(SIGTERM);
  const std::uint64_t end_ms = net::Loop::now_ms() + kStopMs;
  while (child_.is_running() && !child_.has_ended() && net::Loop::now_ms() < end_ms) {
    net::Loop().turn(net::Loop::now_ms() + 5);
  }
  child_ = base::ChildProcess();
}

}  // namespace okiagari::deployment
