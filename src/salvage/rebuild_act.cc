#include "salvage/rebuild_act.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <iterator>
#include <span>

#include "base/hash.h"
#include "base/whole_file.h"
#include "journal/configuration.h"
#include "venue/venue.h"

namespace okiagari::salvage {

namespace {

namespace json = boost::json;

constexpr std::int64_t kVersion = 1;
constexpr std::uint64_t kBytesMax = 256u << 20;

base::Digest digest_of(const std::vector<RebuildAct::Voter>& voters) {
  base::ByteWriter bytes;
  for (const RebuildAct::Voter& voter : voters) {
    bytes.little(std::uint64_t{voter.node});
    bytes.little(voter.storage);
  }
  return base::digest(base::as_bytes("okiagari voters 1"), bytes.view());
}

base::Digest digest_of(const std::vector<std::string>& losses) {
  std::string text;
  for (const std::string& line : losses) text += line + "\n";
  return base::digest(base::as_bytes("okiagari losses 1"), base::as_bytes(text));
}

std::string hex(std::uint64_t number) { return fmt::format("{:016x}", number); }

// Reads the keys of one object; the first that is not as it must be is remembered.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::uint64_t number(std::string_view key) {
    const json::value* value = find(key);
    if (value != nullptr && value->is_uint64()) return value->get_uint64();
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) {
      return static_cast<std::uint64_t>(value->get_int64());
    }
    return fail(key), 0;
  }
  std::uint64_t hex_number(std::string_view key) {
    const std::string_view digits = text(key);
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    const bool is_good = digits.size() == 16 && parsed.ec == std::errc{} &&
                         parsed.ptr == digits.data() + digits.size();
    if (!is_good) fail(key);
    return number;
  }
  template <std::size_t kSize>
  void bytes(std::string_view key, std::array<std::byte, kSize>& into) {
    if (!base::from_hex(text(key), into)) fail(key);
  }
  std::string_view text(std::string_view key) {
    const json::value* value = find(key);
    if (value != nullptr && value->is_string()) return value->get_string();
    fail(key);
    return {};
  }
  const json::array& array(std::string_view key) {
    static const json::array kNone;
    const json::value* value = find(key);
    if (value != nullptr && value->is_array()) return value->get_array();
    fail(key);
    return kNone;
  }
  void fail(std::string_view key) {
    if (wrong_.empty()) wrong_ = key;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const json::value* find(std::string_view key) { return object_.if_contains(key); }

  const json::object& object_;
  std::string wrong_;
};

void read_voters(Reader& root, std::vector<RebuildAct::Voter>& into) {
  for (const json::value& value : root.array("voters")) {
    if (!value.is_object() || into.size() >= journal::kServersMax) return root.fail("voters");
    Reader voter(value.get_object());
    const std::uint64_t node = voter.number("node");
    const std::uint64_t storage = voter.hex_number("storage");
    const bool is_ascending = into.empty() || node > into.back().node;
    if (!voter.wrong().empty() || node == 0 || node > UINT16_MAX || !is_ascending) {
      return root.fail("voters");
    }
    into.push_back({static_cast<NodeId>(node), storage});
  }
  if (into.empty()) root.fail("voters");
}

void read_losses(Reader& root, std::vector<std::string>& into) {
  for (const json::value& line : root.array("losses")) {
    if (!line.is_string()) return root.fail("losses");
    into.emplace_back(line.get_string());
  }
}

void read_approvals(Reader& root, std::array<venue::Approval, 2>& into) {
  std::size_t place = 0;
  for (const json::value& value : root.array("approvals")) {
    if (!value.is_object() || place == into.size()) return root.fail("approvals");
    Reader approval(value.get_object());
    const std::uint64_t id = approval.number("operator");
    approval.bytes("signature", into[place].signature);
    if (!approval.wrong().empty() || id == 0 || id > UINT16_MAX) return root.fail("approvals");
    into[place++].operator_id = static_cast<std::uint16_t>(id);
  }
}

void set_header(venue::FoundCluster& command) {
  command.header = {};
  command.header.size_bytes = sizeof command;
  command.header.type = venue::FoundCluster::kType;
  command.header.version = venue::kCommandVersion;
}

}  // namespace

void RebuildAct::seal() {
  set_header(command);
  command.voters = digest_of(voters);
  command.loss = digest_of(losses);
  command.approvals = {};
}

base::Digest RebuildAct::digest() const {
  return venue::approval_digest(base::object_bytes(command));
}

int RebuildAct::approvals() const {
  int count = 0;
  for (const venue::Approval& approval : command.approvals) count += approval.operator_id != 0;
  return count;
}

base::Status RebuildAct::sign(std::uint16_t operator_id, const base::SecretKey& key) {
  for (venue::Approval& approval : command.approvals) {
    if (approval.operator_id == operator_id) {
      return base::Error{fmt::format(
          "operator {} has signed already; the other signature is another person's", operator_id)};
    }
    if (approval.operator_id != 0) continue;
    approval.operator_id = operator_id;
    approval.signature = base::sign(digest(), key);
    return {};
  }
  return base::Error{"two operators have signed already"};
}

std::string RebuildAct::to_json() const {
  json::array voter_list;
  for (const Voter& voter : voters) {
    voter_list.push_back({{"node", voter.node}, {"storage", hex(voter.storage)}});
  }
  json::array approval_list;
  for (const venue::Approval& approval : command.approvals) {
    if (approval.operator_id == 0) continue;
    approval_list.push_back(
        {{"operator", approval.operator_id}, {"signature", base::to_hex(approval.signature)}});
  }
  json::array lines;
  for (const std::string& line : losses) lines.emplace_back(line);
  const json::object root{{"rebuild_act", kVersion},
                          {"old_cluster", hex(command.old_cluster)},
                          {"new_cluster", hex(command.new_cluster)},
                          {"survivor", command.survivor},
                          {"last_index", command.last_index},
                          {"last_term", command.last_term},
                          {"sequence", command.sequence},
                          {"state_hash", hex(command.state_hash)},
                          {"chain", base::to_hex(command.chain)},
                          {"voters", std::move(voter_list)},
                          {"losses", std::move(lines)},
                          {"digest", base::to_hex(digest())},
                          {"approvals", std::move(approval_list)}};
  return json::serialize(root) + "\n";
}

base::Result<RebuildAct> RebuildAct::parse(std::string_view text, const std::string& origin) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return base::Error{fmt::format("{}: not a rebuild act: no JSON object", origin)};
  }
  Reader root(value.get_object());
  RebuildAct act;
  venue::FoundCluster& command = act.command;
  if (root.number("rebuild_act") != kVersion) root.fail("rebuild_act");
  command.old_cluster = root.hex_number("old_cluster");
  command.new_cluster = root.hex_number("new_cluster");
  const std::uint64_t survivor = root.number("survivor");
  if (survivor == 0 || survivor > 15) root.fail("survivor");
  command.survivor = static_cast<NodeId>(survivor);
  command.last_index = root.number("last_index");
  command.last_term = root.number("last_term");
  command.sequence = root.number("sequence");
  command.state_hash = root.hex_number("state_hash");
  root.bytes("chain", command.chain);
  if (command.new_cluster == 0 || command.new_cluster == command.old_cluster) {
    root.fail("new_cluster");
  }
  read_voters(root, act.voters);
  read_losses(root, act.losses);
  act.seal();
  read_approvals(root, command.approvals);
  base::Digest told{};
  root.bytes("digest", told);
  if (root.wrong().empty() && told != act.digest()) root.fail("digest");
  if (root.wrong().empty()) return act;
  return base::Error{fmt::format(
      "{}: `{}` is missing or not what it must be; the file was altered or is not a rebuild act",
      origin, root.wrong())};
}

base::Result<RebuildAct> RebuildAct::load(const std::string& path) {
  auto text = base::read_whole_file(path, kBytesMax);
  if (!text) return text.error();
  return parse(text.value(), path);
}

base::Status RebuildAct::store(const std::string& path) const {
  return base::write_whole_file(path, to_json());
}

}  // namespace okiagari::salvage
