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

#include "base/child_process.h"
#include "base/result.h"
#include "deployment/deployment_file.h"
#include "deployment/node_watch.h"
#include "deployment/reference_data.h"
#include "net/loop.h"

namespace okiagari::deployment {

struct DeploymentOptions {
  std::string folder;
  std::string program = base::own_program();
  std::size_t nodes = 3;
  std::size_t gateways = 2;
  std::uint16_t base_port = 0;     // 0: free ports
  std::string host = "127.0.0.1";  // where the nodes of a new market listen
  std::size_t sessions = 8;
  std::vector<InstrumentPlace> instruments = made_up_instruments(4);
  Funds funds;
  bool tls = false;           // between the processes of a new market
  bool two_networks = false;  // between the nodes of a new market; the second is 127.0.0.2
  // Added to the configuration files, e.g. "[journal]\nsnapshot_after_mib = 8\n".
  std::string node_settings;
  std::string gateway_settings;
  std::vector<std::string> environment;  // "NAME=value" for every process
  // Asked while start() waits; ends it early.
  std::function<bool()> is_cancelled = [] { return false; };
  // What happens, in lines for a person.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

// Where a node is that is to be in another network than this process and the market.
struct NodeSite {
  std::string host;                // where it listens; empty: where the market's other nodes do
  std::vector<std::string> enter;  // words before its command that take it there
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
  // Its whole site is gone: it is held, and nobody is left there to tell how it ended.
  void lose_node(NodeId node, bool is_lost) { lose(true, node, is_lost); }
  void lose_gateway(GatewayId gateway, bool is_lost) { lose(false, gateway, is_lost); }
  base::Status start_node(NodeId node);
  // Ends it in order (SIGTERM) and waits; it is held afterwards.
  void stop_node(NodeId node, std::uint64_t timeout_ms = 5'000);
  [[nodiscard]] bool is_node_running(NodeId node) const;

  // Another node's folder and process, for a server that is to join; it is none before the log says
  // so (`okiagari member add`). Its number is above all that were used. A site other than the
  // market's is known to this object only: a market taken up again starts it where the others are.
  struct NewNode {
    NodeId node = 0;
    journal::StorageId storage = 0;
    std::string address;  // as the log shall hold it
  };
  base::Result<NewNode> add_node(const NodeSite& site = {});
  // Of a server that the log has removed: its process ends, its folder is put aside.
  base::Status drop_node(NodeId node);

  [[nodiscard]] const DeploymentFile& file() const { return file_; }
  [[nodiscard]] std::string folder_of_node(NodeId node) const;
  [[nodiscard]] const NodePlace* place_of(NodeId node) const;  // null: there is no such node
  // Of processes that ended in a way that no restart mends.
  [[nodiscard]] const std::vector<std::string>& given_up() const { return given_up_; }

 private:
  struct Process {
    std::string name;
    std::string folder;
    std::vector<std::string> command;
    base::ChildProcess child;
    pid_t pid = 0;  // of the child, also when it has ended
    bool held = false;
    bool is_lost = false;
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
  void make_canary();
  base::Status write_configuration();
  base::Status write_credentials() const;
  base::Status make_operators();
  base::Status make_link_certificates();
  base::Status format_nodes();
  base::Result<NodePlace> make_place(const std::string& host) const;
  base::Result<NewNode> make_folder(const NodePlace& place);
  base::Status write_gateway_configuration();
  void watch_nodes();
  // Nodes that somebody else asked for, by a file in the folder.
  void follow_wanted_nodes(std::uint64_t now_ms);
  void list_processes();
  void list_process(bool is_node, std::uint16_t id, const std::string& folder,
                    const std::vector<std::string>& enter = {});
  base::Status start_process(Process& process);
  void note_end(Process& process);
  void lose(bool is_node, std::uint16_t id, bool is_lost);
  // How a child ended, for the desk.
  void tell_watch(const Process& process, const std::string& words) const;
  void note_pid(const Process& process);
  Process* find(bool is_node, std::uint16_t id);
  [[nodiscard]] const Process* find(bool is_node, std::uint16_t id) const;

  DeploymentOptions options_;
  DeploymentFile file_;
  net::Loop loop_;
  std::unique_ptr<NodeWatch> watch_;
  std::vector<Process> processes_;
  bool stopping_ = false;
  std::uint64_t wanted_nodes_due_ms_ = 0;
  bool is_following_ = false;
  int lock_ = -1;
  std::vector<std::string> given_up_;
};

// The configuration files of a market's processes.
[[nodiscard]] std::string node_settings_text(const DeploymentFile& market, NodeId node);
[[nodiscard]] std::string gateway_settings_text(const DeploymentFile& market, GatewayId gateway,
                                                const std::string& credentials_path);
[[nodiscard]] std::string operators_path_of(const DeploymentFile& market);

}  // namespace okiagari::deployment
