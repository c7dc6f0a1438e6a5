#include "deployment/deployment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/assert.h"
#include "base/hash.h"
#include "client/key_file.h"
#include "deployment/free_ports.h"
#include "deployment/link_folder.h"
#include "deployment/market_watching.h"
#include "gateway/credentials.h"
#include "node/config.h"
#include "node/exit_code.h"
#include "node/node.h"
#include "watch/process_endings.h"
#include "wire/operator_keys.h"

namespace okiagari::deployment {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFirstBackOffMs = 100;
constexpr std::uint64_t kLongestBackOffMs = 5'000;
// A process that has run this long has recovered from whatever killed it before.
constexpr std::uint64_t kHealthyMs = 10'000;
constexpr std::uint64_t kStopMs = 5'000;
constexpr MemberId kMembersMax = 999;
constexpr std::string_view kCanarySymbol = "ZZTEST";

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

// What a process said of its own end: the last line of its log, if it is of that kind.
std::string last_words(const std::string& output_path) {
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
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(last, error);
  const boost::json::object* said = error ? nullptr : parsed.if_object();
  if (said == nullptr) return {};
  const boost::json::value* level = said->if_contains("level");
  const boost::json::value* message = said->if_contains("message");
  const bool is_end =
      level != nullptr && *level == "critical" && message != nullptr && message->is_string();
  return is_end ? std::string(std::string_view(message->as_string())) : std::string();
}

std::string_view reason_of(int exit_status) {
  using node::ExitCode;
  constexpr std::array<std::pair<ExitCode, std::string_view>, 7> kReasons = {
      {{ExitCode::usage, "usage"},
       {ExitCode::cannot_start, "cannot_start"},
       {ExitCode::journal_refused, "journal_refused"},
       {ExitCode::disk_failed, "disk_failed"},
       {ExitCode::in_minority, "in_minority"},
       {ExitCode::no_majority, "no_majority"},
       {ExitCode::too_old, "too_old"}}};
  for (const auto& [code, reason] : kReasons) {
    if (exit_status == node::exit_status(code)) return reason;
  }
  return "";
}

// No restart mends what a person has to look at first.
bool is_final(int exit_status) {
  using node::ExitCode;
  for (const ExitCode code : {ExitCode::usage, ExitCode::journal_refused, ExitCode::in_minority,
                              ExitCode::no_majority, ExitCode::too_old}) {
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
  deployment->watch_nodes();
  return deployment;
}

Deployment::~Deployment() {
  for (Process& process : processes_) process.child = base::ChildProcess();
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
  const std::size_t node_ports = options_.two_networks ? 8 : 7;
  const std::size_t count = node_ports * options_.nodes + 2 * options_.gateways;
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
    place.peers = {options_.host, *port++};
    place.gateways = {options_.host, *port++};
    place.feed = {options_.host, *port++};
  }
  for (GatewayId gateway = 1; gateway <= options_.gateways; ++gateway) {
    GatewayPlace& place = file_.gateways.emplace_back();
    place.gateway = gateway;
    place.folder = fmt::format("{}/gateway-{}", options_.folder, gateway);
    place.members.port = *port++;
  }
  // A group of the range that stays within one organisation, of the market's own (RFC 2365).
  const std::string group =
      fmt::format("239.255.{}.{}", file_.cluster >> 8 & 0xFF, file_.cluster & 0xFF);
  for (NodePlace& place : file_.nodes) {
    place.http = net::Endpoint{options_.host, *port++};
    place.feed_line = net::Endpoint{group, *port++};
    place.feed_requests = net::Endpoint{options_.host, *port++};
    place.feed_images = net::Endpoint{options_.host, *port++};
  }
  for (GatewayPlace& place : file_.gateways) place.http = net::Endpoint{"127.0.0.1", *port++};
  if (options_.two_networks) {
    for (NodePlace& place : file_.nodes) place.peers_b = net::Endpoint{"127.0.0.2", *port++};
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
  make_canary();
  if (base::Status status = make_operators(); !status) return status;
  if (base::Status status = make_link_certificates(); !status) return status;
  // Somebody may have put another there before.
  const std::string sites = sites_path_in(options_.folder);
  if (!fs::exists(sites)) {
    if (base::Status status = write_file(sites, default_sites(file_)); !status) return status;
  }
  return write_credentials();
}

// Behind everything else, so that the numbers of members and instruments are what they are without.
void Deployment::make_canary() {
  CanaryPlace& canary = file_.canary;
  canary.instrument.instrument = static_cast<InstrumentId>(file_.instruments.size() + 1);
  canary.instrument.symbol = kCanarySymbol;
  MemberId members = 0;
  for (const SessionAccess& access : file_.sessions) members = std::max(members, access.member);
  for (std::size_t i = 0; i < 2 * options_.gateways + 1; ++i) {
    SessionAccess& access = canary.sessions.emplace_back();
    access.session = static_cast<SessionId>(file_.sessions.size() + i + 1);
    access.member = static_cast<MemberId>(members + 1);
    access.account = access.session;
    access.name = fmt::format("ZZ{:03}", i + 1);
    access.token = draw_token();
  }
}

// Four people, so that any two may be away, and the desk's own key, which may only stop.
base::Status Deployment::make_operators() {
  constexpr std::uint16_t kPeople = 4;
  std::error_code error;
  const std::string folder = options_.folder + "/keys";
  fs::create_directories(folder, error);
  wire::OperatorKeys keys;
  for (std::uint16_t id = 1; id <= kPeople + 1; ++id) {
    OperatorPlace& place = file_.operators.emplace_back();
    place.id = id;
    place.stop_only = id > kPeople;
    place.name = place.stop_only ? "desk" : fmt::format("operator-{}", id);
    place.key_file = fmt::format("{}/{}.key", folder, place.name);
    // Of a market whose making was broken off.
    fs::remove(place.key_file, error);
    auto made = client::make_key_file(place.key_file, place.name, "");
    if (!made) return made.error();
    place.public_key = base::to_hex(made.value().public_key);
    (void)keys.add({id, place.name, made.value().public_key, place.stop_only});
  }
  return write_file(operators_path_of(file_), keys.to_toml());
}

base::Status Deployment::make_link_certificates() {
  if (!options_.tls) return {};
  std::vector<std::string> names = {"operator"};
  for (const NodePlace& place : file_.nodes) names.push_back(net::link_name("node", place.node));
  for (const GatewayPlace& place : file_.gateways) {
    names.push_back(net::link_name("gateway", place.gateway));
  }
  base::Status made = make_link_folder(file_.folder, fmt::format("market {}", file_.cluster));
  for (const std::string& name : names) {
    if (made) made = issue_link_files(file_.folder, name, kLinkDays);
  }
  if (!made) return made;
  file_.tls = link_files(file_.folder, "operator");
  return net::use_link_files(file_.tls, options_.tell);
}

base::Status Deployment::write_credentials() const {
  std::random_device entropy;
  gateway::CredentialKey key;
  for (std::byte& byte : key) byte = static_cast<std::byte>(entropy());
  gateway::Credentials credentials(key);
  for (const auto* sessions : {&file_.sessions, &file_.canary.sessions}) {
    for (const SessionAccess& access : *sessions) {
      gateway::Credential credential;
      credential.session = access.session;
      credential.name = access.name;
      credential.token_hash = gateway::Credentials::hash_token(key, access.name, access.token);
      if (!credentials.add(std::move(credential))) {
        return base::Error{fmt::format("session {} cannot be given a log-in", access.session)};
      }
    }
  }
  return write_file(options_.folder + "/credentials.toml", credentials.to_toml());
}

base::Status Deployment::write_configuration() {
  std::error_code error;
  for (const NodePlace& place : file_.nodes) {
    fs::create_directories(place.folder, error);
    base::Status status =
        write_file(place.folder + "/node.toml",
                   node_settings_text(file_, place.node) + "\n" + options_.node_settings);
    if (!status) return status;
  }
  return write_gateway_configuration();
}

base::Status Deployment::write_gateway_configuration() {
  const std::string credentials = options_.folder + "/credentials.toml";
  std::error_code error;
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
    if (base::Status status = node::format_node(config.value(), place.folder, false); !status) {
      return status;
    }
  }
  return {};
}

void Deployment::list_process(bool is_node, std::uint16_t id, const std::string& folder,
                              const std::vector<std::string>& enter) {
  const char* const kind = is_node ? "node" : "gateway";
  Process& process = processes_.emplace_back();
  process.name = fmt::format("{} {}", kind, id);
  process.folder = folder;
  process.is_node = is_node;
  process.id = id;
  process.command = enter;
  if (!options_.environment.empty()) process.command.emplace_back("/usr/bin/env");
  for (const std::string& variable : options_.environment) process.command.push_back(variable);
  for (const std::string& word :
       {options_.program, std::string(kind), std::string("--data"), folder, std::string("--config"),
        fmt::format("{}/{}.toml", folder, kind)}) {
    process.command.push_back(word);
  }
}

void Deployment::list_processes() {
  for (const NodePlace& place : file_.nodes) list_process(true, place.node, place.folder);
  for (const GatewayPlace& place : file_.gateways) {
    list_process(false, place.gateway, place.folder);
  }
}

base::Status Deployment::start_process(Process& process) {
  auto started = base::ChildProcess::start(process.command, process.folder + "/output.log");
  if (!started) return started.error();
  process.child = std::move(started.value());
  process.pid = process.child.pid();
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
  follow_wanted_nodes(now_ms);
}

void Deployment::tell_watch(const Process& process, const std::string& words) const {
  watch::ProcessEnding ending;
  ending.entity = process.is_node ? watch::node_name(process.id) : watch::gateway_name(process.id);
  ending.pid = process.pid;
  ending.signal = process.child.ended_by_signal();
  ending.exit_code = process.child.exit_status();
  ending.reason = reason_of(ending.exit_code);
  ending.was_asked = stopping_;
  ending.words = words;
  ending.at_ns = net::Loop::wall_ns();
  const base::Status status = watch::append_ending(watch::endings_path_in(options_.folder), ending);
  if (!status) options_.tell(status.error().message);
}

void Deployment::note_end(Process& process) {
  const std::string words = last_words(process.folder + "/output.log");
  if (!process.is_lost) tell_watch(process, words);
  if (stopping_) return;
  const int status = process.child.exit_status();
  const int signal = process.child.ended_by_signal();
  const std::uint64_t now_ms = net::Loop::now_ms();
  const std::string how = signal != 0 ? fmt::format("was ended by signal {}", signal)
                                      : fmt::format("ended with exit code {}{}{}", status,
                                                    words.empty() ? "" : ": ", words);
  if (signal == 0 && status == node::exit_status(node::ExitCode::removed)) {
    process.held = true;
    options_.tell(fmt::format("{} was removed from its cluster", process.name));
    return;
  }
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

void Deployment::lose(bool is_node, std::uint16_t id, bool is_lost) {
  Process* process = find(is_node, id);
  process->held = is_lost;
  process->is_lost = is_lost;
}

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
  if (is_node_running(node)) process->child = base::ChildProcess();
}

bool Deployment::is_node_running(NodeId node) const { return find(true, node)->child.is_running(); }

const NodePlace* Deployment::place_of(NodeId node) const {
  for (const NodePlace& place : file_.nodes) {
    if (place.node == node) return &place;
  }
  return nullptr;
}

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
        if (process.is_node != nodes || !process.child.is_running()) return false;
        if (!process.child.has_ended()) return true;
        note_end(process);
        return false;
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
  for (Process& process : processes_) process.child = base::ChildProcess();
  for (NodePlace& place : file_.nodes) place.pid = 0;
  for (GatewayPlace& place : file_.gateways) place.pid = 0;
  file_.supervisor = 0;
  (void)file_.store();
}

}  // namespace okiagari::deployment
