#include "cli/deployment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/assert.h"
#include "cli/free_ports.h"
#include "gateway/credentials.h"
#include "node/config.h"
#include "node/exit_code.h"
#include "node/node.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFirstBackOffMs = 100;
constexpr std::uint64_t kLongestBackOffMs = 5'000;
// A process that has run this long has recovered from whatever killed it before.
constexpr std::uint64_t kHealthyMs = 10'000;
constexpr std::uint64_t kStopMs = 5'000;
constexpr MemberId kMembersMax = 999;

// Random letters and digits, as long as a SoupBinTCP password may be.
std::string draw_token() {
  static constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::random_device entropy;
  std::string token;
  for (int i = 0; i < 10; ++i) token += kLetters[entropy() % kLetters.size()];
  return token;
}

base::Status write_file(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) return base::Error{fmt::format("{}: cannot be written", path)};
  return {};
}

// What a process said of its own end: the last line of its output, if it is of that kind.
std::string last_words(const std::string& output_path) {
  constexpr std::string_view kMark = " critical: ";
  constexpr std::streamoff kTailBytes = 4'096;
  std::ifstream file(output_path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  if (!file || size <= 0) return {};
  file.seekg(std::max<std::streamoff>(0, size - kTailBytes));
  std::string line;
  std::string last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  const std::size_t at = last.find(kMark);
  return at == std::string::npos ? "" : ": " + last.substr(at + kMark.size());
}

// No restart mends what a person has to look at first.
bool is_final(int exit_status) {
  using node::ExitCode;
  for (const ExitCode code :
       {ExitCode::usage, ExitCode::journal_refused, ExitCode::in_minority, ExitCode::no_majority}) {
    if (exit_status == node::exit_status(code)) return true;
  }
  return false;
}

}  // namespace

base::Result<std::unique_ptr<Deployment>> Deployment::prepare(DeploymentOptions options) {
  std::unique_ptr<Deployment> deployment(new Deployment(std::move(options)));
  std::error_code error;
  const fs::path folder = fs::absolute(deployment->options_.folder, error);
  fs::create_directories(folder, error);
  if (error)
    return base::Error{fmt::format("{}: cannot be made: {}", folder.string(), error.message())};
  deployment->options_.folder = folder.string();
  if (base::Status status = deployment->claim_folder(); !status) return status.error();
  const bool exists = fs::exists(DeploymentFile::path_in(deployment->options_.folder), error);
  base::Status status = exists ? deployment->take_existing() : deployment->make_new();
  if (!status) return status.error();
  status = deployment->write_configuration();
  if (status) status = deployment->format_nodes();
  if (status) status = deployment->file_.store();
  if (!status) return status.error();
  deployment->list_processes();
  std::vector<net::Endpoint> nodes;
  for (const NodePlace& place : deployment->file_.nodes) nodes.push_back(place.gateways);
  deployment->watch_ =
      std::make_unique<NodeWatch>(deployment->loop_, deployment->file_.cluster, nodes);
  return deployment;
}

Deployment::~Deployment() {
  for (Process& process : processes_) process.child = ChildProcess();
  if (lock_ >= 0) ::close(lock_);
}

// The lock goes with the process that holds it, however that ends.
base::Status Deployment::claim_folder() {
  const std::string path = options_.folder + "/supervisor.lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) return base::Error{fmt::format("{}: cannot be opened", path)};
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return base::Error{
        fmt::format("{}: the market there runs already; `okiagari status --data {}` shows it",
                    options_.folder, options_.folder)};
  }
  return {};
}

base::Status Deployment::take_existing() {
  auto loaded = DeploymentFile::load(options_.folder);
  if (!loaded) return loaded.error();
  file_ = std::move(loaded.value());
  for (NodePlace& place : file_.nodes) place.pid = 0;
  for (GatewayPlace& place : file_.gateways) place.pid = 0;
  file_.supervisor = ::getpid();
  return {};
}

base::Status Deployment::make_new() {
  const std::size_t count = 3 * options_.nodes + options_.gateways;
  auto ports = find_free_ports(options_.base_port, count);
  if (!ports) return ports.error();
  auto port = ports.value().begin();
  file_.folder = options_.folder;
  file_.supervisor = ::getpid();
  std::random_device entropy;
  file_.cluster = (std::uint64_t{entropy()} << 8 | entropy() % 256) | 1;
  for (NodeId node = 1; node <= options_.nodes; ++node) {
    NodePlace& place = file_.nodes.emplace_back();
    place.node = node;
    place.folder = fmt::format("{}/node-{}", options_.folder, node);
    place.peers.port = *port++;
    place.gateways.port = *port++;
    place.feed.port = *port++;
  }
  for (GatewayId gateway = 1; gateway <= options_.gateways; ++gateway) {
    GatewayPlace& place = file_.gateways.emplace_back();
    place.gateway = gateway;
    place.folder = fmt::format("{}/gateway-{}", options_.folder, gateway);
    place.members.port = *port++;
  }
  for (std::size_t i = 1; i <= options_.sessions; ++i) {
    SessionAccess& access = file_.sessions.emplace_back();
    access.session = static_cast<SessionId>(i);
    access.member = static_cast<MemberId>((i - 1) % kMembersMax + 1);
    access.account = static_cast<AccountId>(i);
    access.name = fmt::format("S{:05}", i);
    access.token = draw_token();
  }
  file_.instruments = options_.instruments;
  return write_credentials();
}

base::Status Deployment::write_credentials() const {
  std::random_device entropy;
  gateway::CredentialKey key;
  for (std::byte& byte : key) byte = static_cast<std::byte>(entropy());
  gateway::Credentials credentials(key);
  for (const SessionAccess& access : file_.sessions) {
    gateway::Credential credential;
    credential.session = access.session;
    credential.name = access.name;
    credential.token_hash = gateway::Credentials::hash_token(key, access.name, access.token);
    if (!credentials.add(std::move(credential))) {
      return base::Error{fmt::format("session {} cannot be given a log-in", access.session)};
    }
  }
  return write_file(options_.folder + "/credentials.toml", credentials.to_toml());
}

base::Status Deployment::write_configuration() {
  const std::string credentials = options_.folder + "/credentials.toml";
  std::error_code error;
  for (const NodePlace& place : file_.nodes) {
    fs::create_directories(place.folder, error);
    base::Status status =
        write_file(place.folder + "/node.toml",
                   node_settings_text(file_, place.node) + "\n" + options_.node_settings);
    if (!status) return status;
  }
  for (const GatewayPlace& place : file_.gateways) {
    fs::create_directories(place.folder, error);
    base::Status status = write_file(place.folder + "/gateway.toml",
                                     gateway_settings_text(file_, place.gateway, credentials) +
                                         "\n" + options_.gateway_settings);
    if (!status) return status;
  }
  return {};
}

base::Status Deployment::format_nodes() {
  for (const NodePlace& place : file_.nodes) {
    auto config = node::load_node_config(place.folder + "/node.toml");
    if (!config) return config.error();
    if (node::is_formatted(place.folder)) continue;
    if (base::Status status = node::format_node(config.value(), place.folder); !status) {
      return status;
    }
  }
  return {};
}

void Deployment::list_processes() {
  const auto add = [&](const char* kind, bool is_node, std::uint16_t id,
                       const std::string& folder) {
    Process& process = processes_.emplace_back();
    process.name = fmt::format("{} {}", kind, id);
    process.folder = folder;
    process.is_node = is_node;
    process.id = id;
    process.command = options_.environment.empty() ? std::vector<std::string>{}
                                                   : std::vector<std::string>{"/usr/bin/env"};
    for (const std::string& variable : options_.environment) process.command.push_back(variable);
    for (const std::string& word :
         {options_.program, std::string(kind), std::string("--data"), folder,
          std::string("--config"), fmt::format("{}/{}.toml", folder, kind)}) {
      process.command.push_back(word);
    }
  };
  for (const NodePlace& place : file_.nodes) add("node", true, place.node, place.folder);
  for (const GatewayPlace& place : file_.gateways) {
    add("gateway", false, place.gateway, place.folder);
  }
}

base::Status Deployment::start_process(Process& process) {
  auto started = ChildProcess::start(process.command, process.folder + "/output.log");
  if (!started) return started.error();
  process.child = std::move(started.value());
  process.started_ms = net::Loop::now_ms();
  process.fault_injected = false;
  note_pid(process);
  return {};
}

void Deployment::note_pid(const Process& process) {
  const pid_t pid = process.child.pid();
  if (process.is_node) {
    NodePlace* place = file_.find_node(process.id);
    if (place->pid != 0 && pid != 0) ++place->restarts;
    if (pid != 0) place->pid = pid;
  } else {
    GatewayPlace* place = file_.find_gateway(process.id);
    if (place->pid != 0 && pid != 0) ++place->restarts;
    if (pid != 0) place->pid = pid;
  }
}

base::Status Deployment::start(std::uint64_t timeout_ms) {
  for (Process& process : processes_) {
    if (base::Status status = start_process(process); !status) return status;
  }
  if (base::Status status = file_.store(); !status) return status;
  if (find_leader(timeout_ms) == 0) {
    if (options_.is_cancelled()) return base::Error{"stopped before the market was up"};
    std::string why = given_up_.empty() ? "look at output.log in the nodes' folders" : "";
    for (const std::string& line : given_up_) why += (why.empty() ? "" : "; ") + line;
    return base::Error{
        fmt::format("no node leads after {} s: {}", static_cast<double>(timeout_ms) / 1000, why)};
  }
  if (file_.reference_data_loaded) return {};
  base::Status loaded = load_reference_data(
      file_, reference_commands(file_, options_.funds), 10 * timeout_ms, [this] { supervise(); },
      options_.tell);
  if (!loaded) return loaded;
  file_.reference_data_loaded = true;
  return file_.store();
}

void Deployment::supervise(std::uint64_t wait_ms) {
  const std::uint64_t now_ms = net::Loop::now_ms();
  watch_->tick(now_ms);
  loop_.turn(now_ms + wait_ms);
  bool changed = false;
  for (Process& process : processes_) {
    if (process.child.is_running()) {
      if (!process.child.has_ended()) continue;
      note_end(process);
      changed = true;
    }
    if (process.held || stopping_ || net::Loop::now_ms() < process.restart_ms) continue;
    if (base::Status status = start_process(process); !status) {
      options_.tell(fmt::format("{}: {}", process.name, status.error().message));
      process.restart_ms = net::Loop::now_ms() + kLongestBackOffMs;
      continue;
    }
    options_.tell(fmt::format("{} started again, process {}", process.name, process.child.pid()));
    changed = true;
  }
  if (changed) (void)file_.store();
}

void Deployment::note_end(Process& process) {
  if (stopping_) return;
  const int status = process.child.exit_status();
  const int signal = process.child.ended_by_signal();
  const std::uint64_t now_ms = net::Loop::now_ms();
  const std::string how = signal != 0 ? fmt::format("was ended by signal {}", signal)
                                      : fmt::format("ended with exit code {}{}", status,
                                                    last_words(process.folder + "/output.log"));
  if (signal == 0 && is_final(status)) {
    process.held = true;
    given_up_.push_back(
        fmt::format("{} {}; it is not started again: see {}/output.log and docs/operating.md",
                    process.name, how, process.folder));
    options_.tell(given_up_.back());
    return;
  }
  const bool was_healthy = process.fault_injected || now_ms > process.started_ms + kHealthyMs;
  process.back_off_ms =
      was_healthy ? kFirstBackOffMs
                  : std::clamp(2 * process.back_off_ms, kFirstBackOffMs, kLongestBackOffMs);
  process.restart_ms = now_ms + process.back_off_ms;
  options_.tell(fmt::format(
      "{} {}{}", process.name, how,
      process.held ? "" : fmt::format("; starting it again in {} ms", process.back_off_ms)));
}

NodeId Deployment::find_leader(std::uint64_t timeout_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  do {
    supervise(1);
    if (const auto at = watch_->leader()) return file_.nodes[*at].node;
  } while (net::Loop::now_ms() < end_ms && given_up_.size() < file_.nodes.size() &&
           !options_.is_cancelled());
  return 0;
}

std::optional<wire::NodeStatus> Deployment::status(NodeId node) const {
  for (std::size_t at = 0; at < file_.nodes.size(); ++at) {
    if (file_.nodes[at].node == node) return watch_->status(at);
  }
  return std::nullopt;
}

const Deployment::Process* Deployment::find(bool is_node, std::uint16_t id) const {
  for (const Process& process : processes_) {
    if (process.is_node == is_node && process.id == id) return &process;
  }
  ASSERT(false, "there is no {} {}", is_node ? "node" : "gateway", id);
}

Deployment::Process* Deployment::find(bool is_node, std::uint16_t id) {
  return const_cast<Process*>(std::as_const(*this).find(is_node, id));
}

void Deployment::signal_node(NodeId node, int signal) {
  Process* process = find(true, node);
  process->fault_injected = true;
  process->child.send_signal(signal);
}

void Deployment::signal_gateway(GatewayId gateway, int signal) {
  Process* process = find(false, gateway);
  process->fault_injected = true;
  process->child.send_signal(signal);
}

void Deployment::hold_node(NodeId node, bool held) { find(true, node)->held = held; }

base::Status Deployment::start_node(NodeId node) {
  Process* process = find(true, node);
  process->held = false;
  if (process->child.is_running() && !process->child.has_ended()) return {};
  base::Status status = start_process(*process);
  return status ? file_.store() : status;
}

void Deployment::stop_node(NodeId node, std::uint64_t timeout_ms) {
  Process* process = find(true, node);
  process->held = true;
  process->child.send_signal(SIGTERM);
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (is_node_running(node) && net::Loop::now_ms() < end_ms) supervise(5);
  if (is_node_running(node)) process->child = ChildProcess();
}

bool Deployment::is_node_running(NodeId node) const { return find(true, node)->child.is_running(); }

std::string Deployment::folder_of_node(NodeId node) const {
  for (const NodePlace& place : file_.nodes) {
    if (place.node == node) return place.folder;
  }
  return {};
}

void Deployment::stop() {
  stopping_ = true;
  // Gateways first, so that members hear from nobody but them that the market stops; a frozen
  // process must run to be able to end.
  for (const bool nodes : {false, true}) {
    const auto running = [&] {
      return std::any_of(processes_.begin(), processes_.end(), [&](Process& process) {
        return process.is_node == nodes && process.child.is_running() && !process.child.has_ended();
      });
    };
    for (const Process& process : processes_) {
      if (process.is_node != nodes) continue;
      process.child.send_signal(SIGCONT);
      process.child.send_signal(SIGTERM);
    }
    const std::uint64_t end_ms = net::Loop::now_ms() + kStopMs;
    while (running() && net::Loop::now_ms() < end_ms) loop_.turn(net::Loop::now_ms() + 5);
  }
  for (Process& process : processes_) process.child = ChildProcess();
  for (NodePlace& place : file_.nodes) place.pid = 0;
  for (GatewayPlace& place : file_.gateways) place.pid = 0;
  file_.supervisor = 0;
  (void)file_.store();
}

}  // namespace okiagari::cli
