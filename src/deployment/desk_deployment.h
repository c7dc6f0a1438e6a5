// The desks of a market on this machine, one or three, as child processes beside it: for `up`, the
// run, tests and drills, which also kill them. They have a supervisor's care of their own and share
// nothing with the market but the host. desks.json in the market's folder lists them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/result.h"
#include "deployment/deployment_file.h"
#include "deployment/lookout_process.h"
#include "net/tcp.h"

namespace okiagari::deployment {

struct DeskDeploymentOptions {
  std::string market_folder;
  std::string program = base::own_program();
  std::size_t desks = 1;
  net::Endpoint mail_server;  // of new desks; port 0: none
  std::string settings;       // added to each configuration file
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

class DeskDeployment {
 public:
  struct Place {
    NodeId desk = 0;
    std::string folder;
    net::Endpoint peers;
    net::Endpoint http;
    pid_t pid = 0;
    std::uint32_t restarts = 0;
  };

  // Makes new desks in <market>/desk-N, or takes those that are there. Starts nothing yet.
  static base::Result<std::unique_ptr<DeskDeployment>> prepare(DeskDeploymentOptions options);
  ~DeskDeployment();

  base::Status start();
  void stop();
  // Starts again who has died; to be called often.
  void supervise();
  void signal_desk(NodeId desk, int signal);
  void hold_desk(NodeId desk, bool held);
  void signal_lookout(int signal) { lookout_.send_signal(signal); }

  [[nodiscard]] const std::vector<Place>& places() const { return places_; }
  [[nodiscard]] static std::string path_in(const std::string& market_folder);
  // The desks of a market that runs, by its folder.
  [[nodiscard]] static base::Result<std::vector<Place>> load(const std::string& market_folder);

 private:
  struct Process {
    base::ChildProcess child;
    bool held = false;
    std::uint64_t restart_ms = 0;
  };
  explicit DeskDeployment(DeskDeploymentOptions options) : options_(std::move(options)) {}
  base::Status make_places();
  base::Status write_files();
  base::Status write_courier(const std::string& path) const;
  base::Status write_settings(const Place& place) const;
  base::Status format();
  base::Status start_process(std::size_t at);
  base::Status store() const;

  DeskDeploymentOptions options_;
  std::uint64_t cluster_ = 0;
  std::vector<Place> places_;
  std::vector<Process> processes_;
  LookoutProcess lookout_;  // beside them, from another place
  bool stopping_ = false;
};

}  // namespace okiagari::deployment
