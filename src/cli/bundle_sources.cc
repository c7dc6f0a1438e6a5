#include "cli/bundle_sources.h"

#include <fmt/format.h>
#include <link.h>
#include <sodium.h>
#include <sys/utsname.h>
#include <time.h>

#include <boost/json.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/hash.h"
#include "base/version.h"
#include "base/whole_file.h"
#include "cli/metric_pages.h"
#include "cli/removed_secrets.h"
#include "deployment/deployment_file.h"
#include "deployment/desk_deployment.h"
#include "deployment/market_nodes.h"
#include "journal/log.h"
#include "journal/posix_disk.h"
#include "net/loop.h"
#include "node/applying_word.h"
#include "node/node.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;
using boost::json::object;

constexpr std::size_t kLogReadBytesMax = 256u << 20;
constexpr std::size_t kLogBytesMax = 4u << 20;
constexpr std::size_t kConfigBytesMax = 1u << 20;
constexpr std::size_t kColdLogBytesMax = 2u << 30;
constexpr std::uint32_t kAskMs = 1'500;

// Of "2026-11-26T01:02:03...", alone or as the value of "time" at the beginning of an object.
std::optional<TimestampNs> time_of(std::string_view line) {
  constexpr std::string_view kObject = "{\"time\":\"";
  if (line.starts_with(kObject)) line.remove_prefix(kObject.size());
  if (line.size() < 19 || line[10] != 'T') return std::nullopt;
  tm at{};
  const std::string text(line.substr(0, 19));
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &at);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<TimestampNs>(::timegm(&at)) * 1'000'000'000;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return line;
}

// The last part of a file.
std::string end_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t wanted = std::min(size, kLogReadBytesMax);
  std::string text(wanted, '\0');
  file.seekg(static_cast<std::streamoff>(size - wanted));
  file.read(text.data(), static_cast<std::streamsize>(wanted));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string what_it_applied(const std::string& folder) {
  std::ifstream file(folder + "/applying", std::ios::binary);
  node::ApplyingFile applying;
  if (!file.read(reinterpret_cast<char*>(&applying), sizeof applying)) return {};
  if (applying.applying == 0 && applying.died_at == 0) return {};
  return fmt::format(
      "applying: {} (the command that it was in when it ended; 0: in none)\n"
      "died at: {}, {} times in a row\n",
      applying.applying, applying.died_at, applying.deaths);
}

void add_log(SignedBundle& bundle, const std::string& name, const std::string& folder,
             const BundleWindow& window) {
  const std::string log = end_of(folder + "/output.log");
  if (log.empty()) return bundle.note_cut(name + ": has no log");
  std::size_t cut = 0;
  bundle.add(fmt::format("logs/{}.log", name), lines_within(log, window, kLogBytesMax, cut));
  if (cut != 0) bundle.note_cut(fmt::format("logs/{}.log: {} bytes in its middle", name, cut));
  std::string words = dying_words(log) + what_it_applied(folder);
  if (!words.empty()) bundle.add(fmt::format("crashes/{}.txt", name), std::move(words));
}

void add_file(SignedBundle& bundle, const std::string& path, const std::string& name) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  auto text = base::read_whole_file(path, kConfigBytesMax);
  if (!text) return bundle.note_cut(text.error().message);
  bundle.add("configuration/" + name, without_named_secrets(text.value()));
}

void add_page(SignedBundle& bundle, const std::string& name,
              const std::optional<net::Endpoint>& http) {
  if (!http) return bundle.note_cut(name + ": shows no metrics");
  auto page = scrape_page(*http);
  if (!page) return bundle.note_cut(fmt::format("metrics of {}: {}", name, page.error().message));
  bundle.add(fmt::format("metrics/{}.om", name), std::move(page.value()));
}

// Of a server that does not answer: how far its log goes, as it lies there.
object cold_position(const std::string& folder) {
  auto disk = journal::PosixDisk::open_folder(node::journal_folder(folder), false);
  if (!disk) return {{"error", disk.error().message}};
  std::error_code error;
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(node::journal_folder(folder), error)) {
    bytes += entry.is_regular_file(error) ? entry.file_size(error) : 0;
  }
  if (bytes > kColdLogBytesMax) {
    return {{"error", "its log is too large to be read here; `okiagari verify` reads it"}};
  }
  auto log = journal::LogReader::open(*disk.value());
  if (!log) return {{"error", log.error().message}};
  object found{{"from", "its files"}};
  journal::Entry entry = log.value()->start();
  for (;;) {
    auto more = log.value()->next(entry);
    if (!more) {
      found["damage"] = more.error().message;
      break;
    }
    if (!more.value()) break;
    found["last_index"] = entry.index;
    found["last_term"] = entry.term;
    found["chain"] = base::to_hex(entry.chain);
  }
  return found;
}

// GNU's build id of this program: a note in the first object that is loaded.
int take_build_id(dl_phdr_info* info, std::size_t, void* into) {
  auto& id = *static_cast<std::string*>(into);
  for (int i = 0; i < info->dlpi_phnum && id.empty(); ++i) {
    if (info->dlpi_phdr[i].p_type != PT_NOTE) continue;
    const auto* at =
        reinterpret_cast<const std::byte*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    const std::byte* end = at + info->dlpi_phdr[i].p_memsz;
    while (at + sizeof(ElfW(Nhdr)) < end && id.empty()) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const std::byte* name = at + sizeof note;
      const std::byte* data = name + ((note.n_namesz + 3u) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && data + note.n_descsz <= end) {
        id = base::to_hex(base::Bytes(data, note.n_descsz));
      }
      at = data + ((note.n_descsz + 3u) & ~3u);
    }
  }
  return 1;
}

std::string hash_of_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::string part(1u << 20, '\0');
  while (file.read(part.data(), static_cast<std::streamsize>(part.size())) || file.gcount() > 0) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              static_cast<unsigned long long>(file.gcount()));
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&state, hash.data());
  return base::to_hex(std::as_bytes(std::span(hash)));
}

}  // namespace

std::string lines_within(std::string_view log, const BundleWindow& window, std::size_t bytes_max,
                         std::size_t& cut) {
  std::string found;
  bool is_within = false;
  while (!log.empty()) {
    const std::string_view line = take_line(log);
    if (const auto at_ns = time_of(line)) {
      is_within = *at_ns >= window.from_ns && *at_ns <= window.to_ns;
    }
    if (!is_within) continue;
    found += line;
    found += '\n';
  }
  cut = 0;
  if (found.size() <= bytes_max) return found;
  cut = found.size() - bytes_max;
  const std::string tail = found.substr(found.size() - bytes_max / 2);
  found.resize(bytes_max / 2);
  return found + "\n[cut]\n" + tail;
}

std::string dying_words(std::string_view log) {
  constexpr std::size_t kBytesMax = 256u << 10;
  std::string words;
  bool is_dying = false;
  std::string_view before;
  while (!log.empty() && words.size() < kBytesMax) {
    const std::string_view line = take_line(log);
    const bool begins = line.starts_with("invariant broken") || line.starts_with("died of signal");
    if (begins && !is_dying) {
      // The last line with a time says when.
      words += fmt::format("{}\n", before);
      is_dying = true;
    }
    if (time_of(line)) {
      is_dying = false;
      before = line;
    }
    if (is_dying) words += fmt::format("{}\n", line);
  }
  return words;
}

void add_logs(SignedBundle& bundle, const std::string& market_folder, const BundleWindow& window) {
  auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return bundle.note_cut(market.error().message);
  for (const deployment::NodePlace& place : market.value().nodes) {
    add_log(bundle, fmt::format("node-{}", place.node), place.folder, window);
  }
  for (const deployment::GatewayPlace& place : market.value().gateways) {
    add_log(bundle, fmt::format("gateway-{}", place.gateway), place.folder, window);
  }
  auto desks = deployment::DeskDeployment::load(market_folder);
  if (!desks) return;
  for (const deployment::DeskDeployment::Place& place : desks.value()) {
    add_log(bundle, fmt::format("desk-{}", place.desk), place.folder, window);
  }
}

// Contacts are people's own, and help nobody outside; credentials are secrets and nothing else.
void add_configuration(SignedBundle& bundle, const std::string& market_folder) {
  add_file(bundle, deployment::DeploymentFile::path_in(market_folder), "deployment.json");
  add_file(bundle, market_folder + "/operators.toml", "operators.toml");
  for (const char* name : {"playbook.toml", "notices.toml", "courier.toml"}) {
    add_file(bundle, market_folder + "/desk/" + name, std::string("desk-") + name);
  }
  auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return;
  for (const deployment::NodePlace& place : market.value().nodes) {
    add_file(bundle, place.folder + "/node.toml", fmt::format("node-{}.toml", place.node));
  }
  for (const deployment::GatewayPlace& place : market.value().gateways) {
    add_file(bundle, place.folder + "/gateway.toml", fmt::format("gateway-{}.toml", place.gateway));
  }
}

void add_metrics(SignedBundle& bundle, const std::string& market_folder) {
  auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return;
  for (const deployment::NodePlace& place : market.value().nodes) {
    add_page(bundle, fmt::format("node-{}", place.node), place.http);
  }
  for (const deployment::GatewayPlace& place : market.value().gateways) {
    add_page(bundle, fmt::format("gateway-{}", place.gateway), place.http);
  }
}

void add_positions(SignedBundle& bundle, const std::string& market_folder) {
  auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return;
  std::vector<net::Endpoint> nodes;
  for (const deployment::NodePlace& place : market.value().nodes) nodes.push_back(place.gateways);
  const std::vector<deployment::NodeAnswer> answers = deployment::ask_nodes(nodes, kAskMs);
  object positions;
  for (std::size_t at = 0; at < answers.size(); ++at) {
    const deployment::NodePlace& place = market.value().nodes[at];
    object position;
    boost::system::error_code error;
    if (answers[at].report) {
      position["says"] = boost::json::parse(*answers[at].report, error);
    } else {
      position = cold_position(place.folder);
      position["does_not_answer"] = answers[at].error;
    }
    positions[fmt::format("node-{}", place.node)] = std::move(position);
  }
  bundle.add("positions.json", boost::json::serialize(positions) + "\n");
}

void add_build(SignedBundle& bundle) {
  std::string build_id;
  dl_iterate_phdr(&take_build_id, &build_id);
  utsname host{};
  ::uname(&host);
  const object build{{"version", base::kVersion},
                     {"build_id", build_id},
                     {"program_sha256", hash_of_program()},
                     {"compiler", __VERSION__},
                     {"system", fmt::format("{} {} {}", host.sysname, host.release, host.machine)},
                     {"kernel", host.version}};
  bundle.add("build.json", boost::json::serialize(build) + "\n");
}

}  // namespace okiagari::cli
