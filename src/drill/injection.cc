#include "drill/injection.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/child_process.h"
#include "drill/hazard_message.h"
#include "drill/inflictor.h"
#include "drill/memory_group.h"
#include "drill/packet_filter.h"
#include "drill/poison.h"
#include "drill/site.h"
#include "drill/small_disk.h"
#include "drill/wrong_command.h"
#include "net/loop.h"

namespace okiagari::drill {

namespace {

// Above what a server needs to live; below what it needs to work.
constexpr std::uint64_t kSparedBytes = 16u << 20;

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::string last;
  while (std::getline(file, line)) last = line;
  return last;
}

class Injection {
 public:
  Injection(Fault fault, const TargetMarket& market, check::Random& random, ExpiryGuard& guard)
      : lasts_ms_(card_of(fault).lasts_ms), market_(market), random_(random), guard_(guard) {}

  base::Result<Inflicted> crash(const TargetServer& server);
  base::Result<Inflicted> freeze(const TargetServer& server);
  base::Result<Inflicted> fill_disk(const TargetServer& server);
  base::Result<Inflicted> break_disk(const TargetServer& server);
  base::Result<Inflicted> take_memory(const TargetServer& server);
  base::Result<Inflicted> take_processors();
  base::Result<Inflicted> lose_packets(const TargetServer& server);
  base::Result<Inflicted> flood_connections(const TargetServer& server);
  base::Result<Inflicted> flood_orders(const TargetServer& server);
  base::Result<Inflicted> poison(const TargetServer& server);
  base::Result<Inflicted> command();
  base::Result<Inflicted> shake(const std::string& site);

  // A server drawn among those that the fault can hit, or the one that is wanted.
  base::Result<const TargetServer*> draw(const std::string& wanted, bool nodes, bool gateways);
  base::Result<std::string> draw_site(const std::string& wanted);

 private:
  base::Result<Inflicted> by_process(std::string target, std::string words,
                                     const std::vector<std::string>& inflictor);
  static Inflicted now(std::string target, std::string words, std::uint32_t guarded = 0) {
    Inflicted inflicted;
    inflicted.target = std::move(target);
    inflicted.words = std::move(words);
    inflicted.at_ns = net::Loop::wall_ns();
    inflicted.guarded = guarded;
    return inflicted;
  }

  std::uint64_t lasts_ms_;
  const TargetMarket& market_;
  check::Random& random_;
  ExpiryGuard& guard_;
};

base::Result<const TargetServer*> Injection::draw(const std::string& wanted, bool nodes,
                                                  bool gateways) {
  std::vector<const TargetServer*> fit;
  for (const TargetServer& server : market_.servers) {
    if (server.is_node ? nodes : gateways) fit.push_back(&server);
  }
  if (wanted.empty()) return fit[random_.below(std::uint64_t{fit.size()})];
  for (const TargetServer* server : fit) {
    if (server->name == wanted) return server;
  }
  return base::Error{fmt::format("'{}' is nothing that this fault can hit", wanted)};
}

base::Result<std::string> Injection::draw_site(const std::string& wanted) {
  // The loss of the only server at a place is the loss of that server.
  std::vector<std::string> sites;
  for (const Site& site : kSites) {
    const auto servers =
        std::count_if(market_.servers.begin(), market_.servers.end(),
                      [&](const TargetServer& server) { return server.site == site.name; });
    if (servers >= 2) sites.emplace_back(site.name);
  }
  if (wanted.empty()) return sites[random_.below(std::uint64_t{sites.size()})];
  if (std::find(sites.begin(), sites.end(), wanted) != sites.end()) return wanted;
  return base::Error{fmt::format("there is no site '{}' with several servers", wanted)};
}

base::Result<Inflicted> Injection::crash(const TargetServer& server) {
  Inflicted inflicted = now(server.name, fmt::format("SIGKILL to {}, process {}, which led",
                                                     server.name, server.process));
  if (::kill(server.process, SIGKILL) != 0) return base::Error{"the process is gone already"};
  return inflicted;
}

base::Result<Inflicted> Injection::freeze(const TargetServer& server) {
  auto guarded = guard_.arm(lasts_ms_, {let_continue(server.process)});
  if (!guarded) return guarded.error();
  Inflicted inflicted =
      now(server.name, fmt::format("SIGSTOP to {}, process {}", server.name, server.process),
          guarded.value());
  if (::kill(server.process, SIGSTOP) != 0) return base::Error{"the process is gone already"};
  inflicted.measure = [process = server.process] {
    return fmt::format("process {} is in state {}", process, look_at_process(process).state);
  };
  return inflicted;
}

base::Result<Inflicted> Injection::fill_disk(const TargetServer& server) {
  if (server.store.empty()) return base::Error{server.name + " has no disk of its own"};
  constexpr const char* kName = "core.dump";
  auto guarded = guard_.arm(lasts_ms_, {remove_file(server.folder + "/" + kName)});
  if (!guarded) return guarded.error();
  const std::uint64_t bytes = free_bytes(server.folder);
  Inflicted inflicted =
      now(server.name,
          fmt::format("{} MiB of a foreign file fill the disk of {}", bytes >> 20, server.name),
          guarded.value());
  if (base::Status filled = fill(server.folder, kName); !filled) return filled.error();
  inflicted.measure = [folder = server.folder] {
    return fmt::format("{} KiB are free in {}", free_bytes(folder) >> 10, folder);
  };
  return inflicted;
}

base::Result<Inflicted> Injection::break_disk(const TargetServer& server) {
  if (server.store.empty()) return base::Error{server.name + " has no disk of its own"};
  constexpr const char* kName = "taken";
  auto guarded = guard_.arm(lasts_ms_, {remove_file(server.store + "/" + kName)});
  if (!guarded) return guarded.error();
  Inflicted inflicted =
      now(server.name,
          fmt::format("the store behind the disk of {} refuses further writes", server.name),
          guarded.value());
  if (base::Status filled = fill(server.store, kName); !filled) return filled.error();
  inflicted.measure = [store = server.store] {
    return fmt::format("{} KiB are free in the store behind the disk", free_bytes(store) >> 10);
  };
  return inflicted;
}

base::Result<Inflicted> Injection::by_process(std::string target, std::string words,
                                              const std::vector<std::string>& inflictor) {
  std::vector<std::string> command = {market_.program, "drill", "inflict"};
  command.insert(command.end(), inflictor.begin(), inflictor.end());
  Inflicted inflicted = now(std::move(target), std::move(words));
  const std::string log = market_.work_folder + "/inflictor.log";
  auto process = base::ChildProcess::start(command, log);
  if (!process) return process.error();
  auto guarded = guard_.arm(lasts_ms_ + 1'000, {end_process(process.value().pid())});
  if (!guarded) return guarded.error();
  inflicted.guarded = guarded.value();
  inflicted.inflictor = process.value().release();
  inflicted.measure = [log] { return last_line(log); };
  return inflicted;
}

base::Result<Inflicted> Injection::take_memory(const TargetServer& server) {
  if (server.memory_group.empty()) {
    return base::Error{server.name + " is in no memory control group of its own"};
  }
  std::uint64_t limit_bytes = 0;
  std::ifstream(server.memory_group + "/memory.limit_in_bytes") >> limit_bytes;
  return by_process(server.name,
                    fmt::format("a process beside {} takes all but {} MiB of its {} MiB",
                                server.name, kSparedBytes >> 20, limit_bytes >> 20),
                    memory_hog_words(lasts_ms_, server.memory_group, limit_bytes, kSparedBytes));
}

base::Result<Inflicted> Injection::take_processors() {
  const auto per_processor = static_cast<unsigned>(3 + random_.below(std::uint64_t{4}));
  constexpr int kNiceness = -6;
  return by_process(
      "host",
      fmt::format("{} busy processes for each processor, niceness {}", per_processor, kNiceness),
      processor_hog_words(lasts_ms_, per_processor, kNiceness));
}

base::Result<Inflicted> Injection::lose_packets(const TargetServer& server) {
  auto guarded = guard_.arm(lasts_ms_, {delete_filter(kFilterTable)});
  if (!guarded) return guarded.error();
  const auto percent = static_cast<unsigned>(70 + random_.below(std::uint64_t{25}));
  Inflicted inflicted =
      now(server.name,
          fmt::format("{} % of the packets from the other nodes to {} are dropped, none from it",
                      percent, server.name),
          guarded.value());
  if (auto lost = lose_packets_to(server.peers_port, percent); !lost) return lost.error();
  inflicted.measure = [] { return lost_words(); };
  return inflicted;
}

base::Result<Inflicted> Injection::flood_connections(const TargetServer& server) {
  const std::size_t connections = 2'000 + random_.below(std::uint64_t{3'000});
  const std::size_t addresses = 1 + random_.below(std::uint64_t{3});
  return by_process(
      server.name,
      fmt::format("{} connections from {} addresses to {}", connections, addresses, server.name),
      connection_flood_words(lasts_ms_, server.members, connections, addresses));
}

base::Result<Inflicted> Injection::flood_orders(const TargetServer& server) {
  const auto per_second = static_cast<std::uint32_t>(10'000 + random_.below(std::uint64_t{20'000}));
  const std::string& symbol = market_.symbols[random_.below(std::uint64_t{market_.symbols.size()})];
  return by_process(server.name,
                    fmt::format("session {} sends {} orders a second through {}", market_.session,
                                per_second, server.name),
                    order_flood_words(lasts_ms_, server.members, market_.session,
                                      market_.session_token, symbol, per_second));
}

base::Result<Inflicted> Injection::poison(const TargetServer& server) {
  std::ifstream file(server.configuration, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto poison = server.is_node ? poison_node(text, random_) : poison_gateway(text, random_);
  if (!poison) return poison.error();
  const std::string copy = fmt::format("{}/{}.toml", market_.work_folder, server.name);
  std::ofstream(copy, std::ios::binary | std::ios::trunc) << text;
  auto guarded = guard_.arm(lasts_ms_, {restore_file(server.configuration, copy)});
  if (!guarded) return guarded.error();
  Inflicted inflicted = now(
      server.name,
      fmt::format("configuration of {}: {}; restarted in order", server.name, poison.value().words),
      guarded.value());
  std::ofstream(server.configuration, std::ios::binary | std::ios::trunc) << poison.value().text;
  if (::kill(server.process, SIGTERM) != 0) return base::Error{"the process is gone already"};
  return inflicted;
}

base::Result<Inflicted> Injection::command() {
  Inflicted inflicted = now({}, {});
  auto given = give_wrong_command(market_, random_);
  if (!given) return given.error();
  inflicted.target = given.value().target;
  inflicted.words = given.value().words;
  inflicted.amend = given.value().amend;
  inflicted.amend_words = "lifted by two signatures";
  return inflicted;
}

base::Result<Inflicted> Injection::shake(const std::string& site) {
  const Site& place = *find_site(site);
  Earthquake earthquake;
  earthquake.event = fmt::format("{}", net::Loop::wall_ns() / 1'000'000);
  earthquake.prefecture = place.prefecture;
  earthquake.code = place.code;
  earthquake.intensity = random_.one_in(2) ? "6-" : "6+";
  earthquake.magnitude = 6.5 + static_cast<double>(random_.below(std::uint64_t{15})) / 10;
  earthquake.latitude = place.latitude;
  earthquake.longitude = place.longitude;
  earthquake.began_ns = net::Loop::wall_ns();
  std::vector<std::uint16_t> ports;
  std::vector<const TargetServer*> lost;
  for (const TargetServer& server : market_.servers) {
    if (server.site != site) continue;
    lost.push_back(&server);
    ports.insert(ports.end(), server.ports.begin(), server.ports.end());
  }
  auto guarded = guard_.arm(lasts_ms_, {delete_filter(kFilterTable)});
  if (!guarded) return guarded.error();
  Inflicted inflicted =
      now("site " + site,
          fmt::format("earthquake of magnitude {:.1f} published, intensity {}; then the {} servers "
                      "at {} are cut off and killed",
                      earthquake.magnitude, earthquake.intensity, lost.size(), site),
          guarded.value());
  if (auto told = market_.publish_hazard(earthquake_message(earthquake)); !told) {
    return told.error();
  }
  for (const TargetServer* server : lost) market_.lose(server->name, true);
  if (auto cut = cut_off(ports); !cut) return cut.error();
  for (const TargetServer* server : lost) ::kill(server->process, SIGKILL);
  inflicted.measure = [] { return lost_words(); };
  inflicted.amend_words = "its servers may start again";
  inflicted.amend = [lose = market_.lose, site, servers = market_.servers]() -> base::Status {
    for (const TargetServer& server : servers) {
      if (server.site == site) lose(server.name, false);
    }
    return {};
  };
  return inflicted;
}

base::Result<Inflicted> inflict_on_server(Fault fault, Injection& injection,
                                          const TargetServer& server) {
  switch (fault) {
    case Fault::leader_crash:
      return injection.crash(server);
    case Fault::frozen_process:
      return injection.freeze(server);
    case Fault::disk_full:
      return injection.fill_disk(server);
    case Fault::disk_errors:
      return injection.break_disk(server);
    case Fault::memory_hog:
      return injection.take_memory(server);
    case Fault::one_way_loss:
      return injection.lose_packets(server);
    case Fault::connection_flood:
      return injection.flood_connections(server);
    case Fault::order_flood:
      return injection.flood_orders(server);
    default:
      return injection.poison(server);
  }
}

}  // namespace

const TargetServer* TargetMarket::find(const std::string& name) const {
  for (const TargetServer& server : servers) {
    if (server.name == name) return &server;
  }
  return nullptr;
}

base::Result<Inflicted> inflict(Fault fault, const TargetMarket& market, const std::string& target,
                                check::Random& random, ExpiryGuard& guard) {
  Injection injection(fault, market, random, guard);
  if (fault == Fault::processor_hog) return injection.take_processors();
  if (fault == Fault::wrong_command) return injection.command();
  if (fault == Fault::earthquake) {
    auto site = injection.draw_site(target);
    return site ? injection.shake(site.value()) : base::Result<Inflicted>(site.error());
  }
  const bool hits_nodes = fault != Fault::connection_flood && fault != Fault::order_flood;
  const bool hits_gateways = fault == Fault::frozen_process || fault == Fault::memory_hog ||
                             fault == Fault::poison_config || !hits_nodes;
  const bool is_leader = target.empty() ? fault == Fault::leader_crash : target == "leader";
  auto server =
      injection.draw(is_leader ? market.find_leader() : target, hits_nodes, hits_gateways);
  if (!server) return server.error();
  return inflict_on_server(fault, injection, *server.value());
}

}  // namespace okiagari::drill
