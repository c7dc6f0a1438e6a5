#include "deployment/desk_deployment.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/hash.h"
#include "base/whole_file.h"
#include "deployment/builtin_files.h"
#include "deployment/desk_people.h"
#include "deployment/desk_secrets.h"
#include "deployment/desk_settings.h"
#include "deployment/free_ports.h"
#include "desk/desk_host.h"
#include "net/loop.h"

namespace okiagari::deployment {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRestartMs = 200;
constexpr std::uint64_t kStopMs = 5'000;

// Built beside the program: build/release/okiagari and build/console.
std::string console_folder(const std::string& program) {
  std::error_code error;
  const fs::path folder = fs::path(program).parent_path().parent_path() / "console";
  return fs::exists(folder / "index.html", error) ? folder.string() : std::string();
}

base::Result<DeskDeployment::Place> read_place(const boost::json::value& value) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) return base::Error{"a desk is no object"};
  DeskDeployment::Place place;
  try {
    place.desk = object->at("desk").to_number<NodeId>();
    place.folder = object->at("folder").as_string();
    place.pid = object->at("pid").to_number<pid_t>();
    place.restarts = object->at("restarts").to_number<std::uint32_t>();
    for (const auto& [key, into] :
         {std::pair{"peers", &place.peers}, std::pair{"http", &place.http}}) {
      auto endpoint = net::parse_endpoint(std::string(object->at(key).as_string()));
      if (!endpoint) return endpoint.error();
      *into = endpoint.value();
    }
  } catch (const std::exception& error) {
    return base::Error{fmt::format("a desk cannot be read: {}", error.what())};
  }
  return place;
}

base::Result<boost::json::object> read_desks(const std::string& market_folder) {
  const std::string path = DeskDeployment::path_in(market_folder);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return base::Error{fmt::format("{}: cannot be read: no desk runs there?", path)};
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text.str(), error);
  if (error || !value.is_object() || !value.get_object().contains("desks") ||
      !value.get_object().at("desks").is_array()) {
    return base::Error{fmt::format("{}: is not a list of desks", path)};
  }
  return std::move(value.get_object());
}

}  // namespace

std::string DeskDeployment::path_in(const std::string& market_folder) {
  return market_folder + "/desks.json";
}

base::Result<std::vector<DeskDeployment::Place>> DeskDeployment::load(
    const std::string& market_folder) {
  auto object = read_desks(market_folder);
  if (!object) return object.error();
  std::vector<Place> places;
  for (const boost::json::value& value : object.value().at("desks").get_array()) {
    auto place = read_place(value);
    if (!place) {
      return base::Error{fmt::format("{}: {}", path_in(market_folder), place.error().message)};
    }
    places.push_back(std::move(place.value()));
  }
  return places;
}

base::Result<std::unique_ptr<DeskDeployment>> DeskDeployment::prepare(
    DeskDeploymentOptions options) {
  std::unique_ptr<DeskDeployment> desks(new DeskDeployment(std::move(options)));
  std::error_code error;
  desks->options_.market_folder = fs::absolute(desks->options_.market_folder, error).string();
  base::Status status = desks->make_places();
  if (status) status = desks->write_files();
  if (status) status = desks->format();
  if (status) status = desks->store();
  if (!status) return status.error();
  desks->processes_.resize(desks->places_.size());
  return desks;
}

DeskDeployment::~DeskDeployment() = default;

base::Status DeskDeployment::make_places() {
  std::error_code error;
  if (fs::exists(path_in(options_.market_folder), error)) {
    auto object = read_desks(options_.market_folder);
    if (!object) return object.error();
    auto places = load(options_.market_folder);
    if (!places) return places.error();
    places_ = std::move(places.value());
    for (Place& place : places_) place.pid = 0;
    boost::system::error_code wrong;
    cluster_ = object.value().at("cluster").to_number<std::uint64_t>(wrong);
    if (wrong) return base::Error{fmt::format("{}: no cluster", path_in(options_.market_folder))};
    return {};
  }
  auto ports = find_free_ports(0, 2 * options_.desks);
  if (!ports) return ports.error();
  std::random_device entropy;
  cluster_ = (std::uint64_t{entropy()} << 8 | entropy() % 256) | 1;
  for (std::size_t at = 0; at < options_.desks; ++at) {
    Place& place = places_.emplace_back();
    place.desk = static_cast<NodeId>(at + 1);
    place.folder = fmt::format("{}/desk-{}", options_.market_folder, place.desk);
    place.peers.port = ports.value()[2 * at];
    place.http.port = ports.value()[2 * at + 1];
  }
  return {};
}

// Files that people change are never written again.
base::Status DeskDeployment::write_files() {
  const std::string folder = options_.market_folder + "/desk";
  std::error_code error;
  fs::create_directories(folder, error);
  for (const auto& [name, text] : builtin_files()) {
    const std::string path = folder + "/" + name;
    if (fs::exists(path, error)) continue;
    if (base::Status status = base::write_whole_file(path, text); !status) return status;
  }
  if (base::Status status = write_courier(folder + "/courier.toml"); !status) return status;
  auto market = DeploymentFile::load(options_.market_folder);
  if (!market) return market.error();
  if (auto status = make_people(folder + "/people.json", market.value()); !status) return status;
  for (const Place& place : places_) {
    fs::create_directories(place.folder, error);
    if (base::Status status = write_settings(place); !status) return status;
  }
  return {};
}

// Holds a key, so its owner alone may read it.
base::Status DeskDeployment::write_courier(const std::string& path) const {
  std::error_code error;
  if (fs::exists(path, error)) return {};
  auto secrets = load_or_make_secrets(options_.market_folder + "/desk/secrets.json");
  if (!secrets) return secrets.error();
  std::string text =
      fmt::format("public_url = \"http://{}\"\nack_key = \"{}\"\n",
                  net::to_string(places_.front().http), base::to_hex(secrets.value().link_key));
  if (options_.mail_server.port != 0) {
    text += fmt::format(
        "\n[mail]\nhost = \"{}\"\nport = {}\nsecurity = \"none\"\n"
        "from = \"desk@okiagari.example\"\nfrom_name = \"Okiagari\"\n",
        options_.mail_server.host, options_.mail_server.port);
  }
  if (base::Status status = base::write_whole_file(path, text); !status) return status;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  return error ? base::Status(base::Error{fmt::format("{}: {}", path, error.message())})
               : base::Status();
}

base::Status DeskDeployment::write_settings(const Place& own) const {
  const std::string& folder = options_.market_folder;
  std::string text =
      fmt::format("cluster = {}\ndesk = {}\nmarket = \"{}\"\n", cluster_, own.desk, folder);
  for (const char* file : {"playbook", "contacts", "notices", "regulators", "courier"}) {
    text += fmt::format("{} = \"{}/desk/{}.toml\"\n", file, folder, file);
  }
  text += fmt::format("secrets = \"{}/desk/secrets.json\"\n", folder);
  text += fmt::format("people = \"{}/desk/people.json\"\n", folder);
  text += fmt::format("bundle = \"{}/status-page\"\n", folder);
  const std::string console = console_folder(options_.program);
  if (!console.empty()) text += fmt::format("console = \"{}\"\n", console);
  text += options_.settings;
  for (const Place& place : places_) {
    text += fmt::format("\n[[server]]\ndesk = {}\npeers = \"{}\"\nhttp = \"{}\"\n", place.desk,
                        net::to_string(place.peers), net::to_string(place.http));
  }
  if (options_.mail_server.port != 0) {
    text += "\n[[notice_mail]]\nto = \"members@okiagari.example\"\nlanguage = \"ja\"\n";
    text += "\n[[notice_mail]]\nto = \"press@okiagari.example\"\nlanguage = \"en\"\n";
  }
  return base::write_whole_file(own.folder + "/desk.toml", text);
}

base::Status DeskDeployment::format() {
  for (const Place& place : places_) {
    auto settings = load_desk_settings(place.folder + "/desk.toml");
    if (!settings) return settings.error();
    settings.value().host.data_folder = place.folder;
    if (desk::is_desk_formatted(place.folder)) continue;
    if (base::Status status = desk::format_desk(settings.value().host); !status) return status;
  }
  return {};
}

base::Status DeskDeployment::store() const {
  boost::json::array desks;
  for (const Place& place : places_) {
    desks.push_back({{"desk", place.desk},
                     {"folder", place.folder},
                     {"peers", net::to_string(place.peers)},
                     {"http", net::to_string(place.http)},
                     {"pid", place.pid},
                     {"restarts", place.restarts}});
  }
  const boost::json::object object{{"cluster", cluster_}, {"desks", std::move(desks)}};
  return base::write_whole_file(path_in(options_.market_folder),
                                boost::json::serialize(object) + "\n");
}

base::Status DeskDeployment::start() {
  // First, so that desks find its address.
  if (base::Status status = lookout_.start(options_.program, options_.market_folder); !status) {
    return status;
  }
  for (std::size_t at = 0; at < places_.size(); ++at) {
    if (base::Status status = start_process(at); !status) return status;
  }
  return store();
}

base::Status DeskDeployment::start_process(std::size_t at) {
  Place& place = places_[at];
  auto started = base::ChildProcess::start(
      {options_.program, "desk", "--data", place.folder, "--config", place.folder + "/desk.toml"},
      place.folder + "/output.log");
  if (!started) return started.error();
  processes_[at].child = std::move(started.value());
  if (place.pid != 0) ++place.restarts;
  place.pid = processes_[at].child.pid();
  return {};
}

void DeskDeployment::supervise() {
  const std::uint64_t now_ms = net::Loop::now_ms();
  lookout_.supervise();
  for (std::size_t at = 0; at < processes_.size(); ++at) {
    Process& process = processes_[at];
    if (process.child.is_running()) {
      if (!process.child.has_ended()) continue;
      options_.tell(fmt::format("desk {} has ended, {}", places_[at].desk,
                                process.held ? "and is left so" : "starting it again"));
      process.restart_ms = now_ms + kRestartMs;
    }
    if (process.held || stopping_ || now_ms < process.restart_ms) continue;
    if (base::Status status = start_process(at); !status) {
      options_.tell(status.error().message);
      process.restart_ms = now_ms + kStopMs;
    }
    (void)store();
  }
}

void DeskDeployment::signal_desk(NodeId desk, int signal) {
  processes_[desk - 1].child.send_signal(signal);
}

void DeskDeployment::hold_desk(NodeId desk, bool held) { processes_[desk - 1].held = held; }

void DeskDeployment::stop() {
  stopping_ = true;
  for (Process& process : processes_) process.child.send_signal(SIGTERM);
  lookout_.stop();
  const std::uint64_t end_ms = net::Loop::now_ms() + kStopMs;
  for (Process& process : processes_) {
    while (process.child.is_running() && !process.child.has_ended() &&
           net::Loop::now_ms() < end_ms) {
      net::Loop().turn(net::Loop::now_ms() + 5);
    }
    process.child = base::ChildProcess();
  }
  for (Place& place : places_) place.pid = 0;
  (void)store();
}

}  // namespace okiagari::deployment
