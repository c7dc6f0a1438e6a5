// A whole market on this machine: nodes and gateways as child processes of the same program, on
// loopback, supervised: what dies comes back. For `up`, and in-process for the run, benches and
// drills, which also kill, freeze and restart its processes. Single-threaded: supervise() must be
// called often.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/child_process.h"
#include "cli/deployment_file.h"
#include "cli/node_watch.h"
#include "cli/reference_data.h"
#include "net/loop.h"

namespace okiagari::cli {

struct DeploymentOptions {
  std::string folder;
  std::string program = own_program();
  std::size_t nodes = 3;
  std::size_t gateways = 2;
  std::uint16_t base_port = 0;  // 0: free ports
  std::size_t sessions = 8;
  std::vector<InstrumentPlace> instruments = made_up_instruments(4);
  Funds funds;
  // Added to the configuration files, e.g. "[journal]\nsnapshot_after_mib = 8\n".
  std::string node_settings;
  std::string gateway_settings;
  std::vector<std::string> environment;  // "NAME=value" for every process
  // Asked while start() waits; ends it early.
  std::function<bool()> is_cancelled = [] { return false; };
  // What happens, in lines for a person.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

class Deployment {
 public:
  // Makes a new market in the folder, or takes the one that is there, with its addresses, log-ins
  // and instruments. Starts nothing yet.
  static base::Result<std::unique_ptr<Deployment>> prepare(DeploymentOptions options);
  // Kills what still runs.
  ~Deployment();

  // Starts all processes, waits until a node leads and is open, and gives a new market its
  // reference data.
  base::Status start(std::uint64_t timeout_ms = 30'000);
  // Asks all processes to end and waits for them; whatever does not end in time is killed.
  void stop();

  // Notes who has died and starts it again, after a while that grows when it dies again and again.
  // Waits `wait_ms` at most.
  void supervise(std::uint64_t wait_ms = 0);

  // The node that leads and is open, 0 when none does within the time. Supervises meanwhile.
  NodeId find_leader(std::uint64_t timeout_ms);
  [[nodiscard]] std::optional<wire::NodeStatus> status(NodeId node) const;

  // Faults. A node that is killed is started again only if it is supervised; see hold().
  void signal_node(NodeId node, int signal);
  void signal_gateway(GatewayId gateway, int signal);
  // Whether a dead process is left dead until it is started by hand.
  void hold_node(NodeId node, bool held);
  base::Status start_node(NodeId node);
  // Ends it in order (SIGTERM) and waits; it is held afterwards.
  void stop_node(NodeId node, std::uint64_t timeout_ms = 5'000);
  [[nodiscard]] bool is_node_running(NodeId node) const;

  [[nodiscard]] const DeploymentFile& file() const { return file_; }
  [[nodiscard]] std::string folder_of_node(NodeId node) const;
  // Of processes that ended in a way that no restart mends.
  [[nodiscard]] const std::vector<std::string>& given_up() const { return given_up_; }

 private:
  struct Process {
    std::string name;
    std::string folder;
    std::vector<std::string> command;
    ChildProcess child;
    bool held = false;
    bool is_node = false;
    std::uint16_t id = 0;
    std::uint64_t started_ms = 0;
    std::uint64_t restart_ms = 0;
    std::uint64_t back_off_ms = 0;
    bool fault_injected = false;
  };

  explicit Deployment(DeploymentOptions options) : options_(std::move(options)) {}
  base::Status claim_folder();
  base::Status take_existing();
  base::Status make_new();
  base::Status write_configuration();
  base::Status write_credentials() const;
  base::Status format_nodes();
  void list_processes();
  base::Status start_process(Process& process);
  void note_end(Process& process);
  void note_pid(const Process& process);
  Process* find(bool is_node, std::uint16_t id);
  [[nodiscard]] const Process* find(bool is_node, std::uint16_t id) const;

  DeploymentOptions options_;
  DeploymentFile file_;
  net::Loop loop_;
  std::unique_ptr<NodeWatch> watch_;
  std::vector<Process> processes_;
  bool stopping_ = false;
  int lock_ = -1;
  std::vector<std::string> given_up_;
};

// The configuration files of a market's processes.
[[nodiscard]] std::string node_settings_text(const DeploymentFile& market, NodeId node);
[[nodiscard]] std::string gateway_settings_text(const DeploymentFile& market, GatewayId gateway,
                                                const std::string& credentials_path);

}  // namespace okiagari::cli
