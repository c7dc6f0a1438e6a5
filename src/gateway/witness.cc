#include "gateway/witness.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace okiagari::gateway {

namespace {

constexpr std::int64_t kVersion = 1;

Witness from_json(const boost::json::object& root) {
  const auto number = [](const boost::json::object& from, const char* key) {
    return from.at(key).to_number<std::uint64_t>();
  };
  Witness witness;
  witness.cluster = number(root, "cluster");
  witness.term = number(root, "term");
  witness.sequence = number(root, "sequence");
  witness.event = number(root, "event");
  witness.feed = number(root, "feed");
  for (const boost::json::value& value : root.at("sessions").as_array()) {
    const boost::json::object& session = value.as_object();
    witness.sessions.push_back(
        {.session = session.at("session").to_number<SessionId>(),
         .epoch = session.at("epoch").to_number<std::uint32_t>(),
         .next_number = session.at("next_number").to_number<std::uint32_t>()});
  }
  return witness;
}

}  // namespace

std::string witness_path(const std::string& directory) { return directory + "/witness.json"; }

base::Status save_witness(const std::string& directory, const Witness& witness) {
  // By hand, because with ten thousand sessions it is to be quick.
  std::string text = fmt::format(
      "{{\"version\":{},\"cluster\":{},\"term\":{},\"sequence\":{},\"event\":{},\"feed\":{},"
      "\"sessions\":[",
      kVersion, witness.cluster, witness.term, witness.sequence, witness.event, witness.feed);
  const char* separator = "";
  for (const WitnessedSession& session : witness.sessions) {
    fmt::format_to(std::back_inserter(text),
                   "{}\n{{\"session\":{},\"epoch\":{},\"next_number\":{}}}", separator,
                   session.session, session.epoch, session.next_number);
    separator = ",";
  }
  text += "]}\n";
  const std::string path = witness_path(directory);
  const std::string fresh = path + ".new";
  std::ofstream file(fresh, std::ios::trunc);
  file << text;
  file.close();
  if (!file || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return base::Error{fmt::format("{}: cannot be written; is the disk full?", path)};
  }
  return {};
}

base::Result<Witness> load_witness(const std::string& directory) {
  const std::string path = witness_path(directory);
  std::ifstream file(path);
  if (!file) return Witness{};
  std::ostringstream text;
  text << file.rdbuf();
  return parse_witness(text.str(), path);
}

base::Result<Witness> parse_witness(const std::string& text, const std::string& origin) {
  boost::system::error_code error;
  const boost::json::value root = boost::json::parse(text, error);
  try {
    if (!error && root.as_object().at("version").to_number<std::int64_t>() == kVersion) {
      return from_json(root.as_object());
    }
  } catch (const std::exception&) {
    // A key is missing or is no number: damaged, like the rest.
  }
  return base::Error{
      fmt::format("{}: damaged; note what can be read of its numbers, then move it away", origin)};
}

std::string former_witness_path(const std::string& directory, std::uint64_t cluster) {
  return fmt::format("{}/witness-{:016x}.json", directory, cluster);
}

base::Status enter_cluster(const std::string& directory, const Witness& witness,
                           std::uint64_t cluster) {
  std::error_code ignored;
  const std::string left = former_witness_path(directory, cluster);
  if (std::filesystem::exists(left, ignored)) {
    return base::Error{
        fmt::format("{}: this gateway has left cluster {} for one that was rebuilt from it; "
                    "whatever runs under "
                    "that number may not serve any more. Correct `cluster` in the configuration",
                    left, cluster)};
  }
  if (witness.cluster == 0 || witness.cluster == cluster) return {};
  const std::string former = former_witness_path(directory, witness.cluster);
  if (std::rename(witness_path(directory).c_str(), former.c_str()) != 0) {
    return base::Error{fmt::format("{}: cannot be kept as {}", witness_path(directory), former)};
  }
  return {};
}

}  // namespace okiagari::gateway
