// `okiagari desk` beside a market of real processes, with a mail server, for scripts of other
// people's programs that are let loose on it: a browser, readers of feeds, clients from npm.
#pragma once

#include <string>
#include <vector>

#include "tests/cluster/test_desk.h"

namespace okiagari {

class RealDesk : public DeskOfRealProcesses {
 protected:
  void begin(std::size_t desks = 1);

  [[nodiscard]] std::string url(std::size_t desk = 0) const;
  [[nodiscard]] std::string people_path() const { return folder_ + "/desk/people.json"; }
  // Kills the leading server, which stays away.
  void kill_leader();

  // Runs a command in this folder to its end, looking after market and desk meanwhile. Lines of its
  // output are orders: "kill the leader" of the market, "start it again"; "kill desk N", "start
  // desk N"; and what a test adds.
  Ending run_script(const std::vector<std::string>& command, std::uint64_t limit_ms);
  // The packages of package-lock.json, and nothing else.
  static void install_packages();

  virtual void obey_line(const std::string& line);

 private:
  void obey(const std::string& output);
  NodeId held_ = 0;
  std::size_t obeyed_bytes_ = 0;
  int scripts_ = 0;
};

}  // namespace okiagari
