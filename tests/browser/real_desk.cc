#include "tests/browser/real_desk.h"

#include <signal.h>

#include <cstdlib>

#include "test_places.h"

namespace okiagari {

namespace {

const std::string kHere = std::string(OKIAGARI_SOURCE_DIR) + "/tests/browser";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

void RealDesk::install_packages() {
  const std::string command = "cd " + kHere +
                              " && { [ node_modules/.package-lock.json -nt package-lock.json ] || "
                              "npm ci --no-audit --no-fund --silent; }";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

void RealDesk::begin(std::size_t desks) {
  install_packages();
  DeskOfRealProcesses::begin(desks);
}

std::string RealDesk::url(std::size_t desk) const {
  return "http://" + net::to_string(desks_->places().at(desk).http);
}

void RealDesk::kill_leader() {
  held_ = market_->find_leader(5'000);
  ASSERT_NE(held_, 0);
  market_->hold_node(held_, true);
  market_->signal_node(held_, SIGKILL);
}

void RealDesk::obey(const std::string& output) {
  while (true) {
    const std::size_t end = output.find('\n', obeyed_bytes_);
    if (end == std::string::npos) return;
    const std::string line = output.substr(obeyed_bytes_, end - obeyed_bytes_);
    obeyed_bytes_ = end + 1;
    obey_line(line);
  }
}

void RealDesk::obey_line(const std::string& line) {
  if (line == "kill the leader") kill_leader();
  if (line == "start it again") market_->hold_node(held_, false);
  for (const auto& place : desks_->places()) {
    if (line == fmt::format("kill desk {}", place.desk)) {
      desks_->hold_desk(place.desk, true);
      desks_->signal_desk(place.desk, SIGKILL);
    }
    if (line == fmt::format("start desk {}", place.desk)) desks_->hold_desk(place.desk, false);
  }
}

RealDesk::Ending RealDesk::run_script(const std::vector<std::string>& command,
                                      std::uint64_t limit_ms) {
  std::vector<std::string> whole = {"/usr/bin/env", "-C", kHere};
  whole.insert(whole.end(), command.begin(), command.end());
  const std::string path = fmt::format("{}/script-{}", folder_, ++scripts_);
  auto child = base::ChildProcess::start(whole, path);
  if (!child) return {-1, child.error().message};
  obeyed_bytes_ = 0;
  const std::uint64_t end_ms = net::Loop::now_ms() + limit_ms;
  while (!child.value().has_ended() && net::Loop::now_ms() < end_ms) {
    market_->supervise(5);
    desks_->supervise();
    obey(text_of(path));
  }
  if (!child.value().has_ended()) {
    return {-1, text_of(path) + fmt::format("not over within {} ms\n", limit_ms)};
  }
  return {child.value().exit_status(), text_of(path)};
}

}  // namespace okiagari
