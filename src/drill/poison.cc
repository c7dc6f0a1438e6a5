#include "drill/poison.h"

#include <fmt/format.h>

#include <cctype>

namespace okiagari::drill {

namespace {

base::Error nothing(std::string_view key) {
  return {fmt::format("the configuration has no '{}' to be changed", key)};
}

// Where the number begins that follows the key at the beginning of a line.
std::size_t find_value(std::string_view text, std::string_view key) {
  const std::string wanted = fmt::format("{} = ", key);
  std::size_t at = text.find(wanted);
  while (at != std::string_view::npos && at != 0 && text[at - 1] != '\n') {
    at = text.find(wanted, at + 1);
  }
  return at == std::string_view::npos ? at : at + wanted.size();
}

base::Result<Poison> another_cluster(std::string_view text) {
  const std::size_t at = find_value(text, "cluster");
  if (at == std::string_view::npos) return nothing("cluster");
  Poison poison{std::string(text), "the cluster number of another environment"};
  // One digit more or less of the same number would do as well; 9 keeps it a number.
  poison.text.replace(at, 1, text[at] == '9' ? "8" : "9");
  return poison;
}

base::Result<Poison> misspelt(std::string_view text, std::string_view key, std::string_view wrong) {
  const std::size_t value = find_value(text, key);
  if (value == std::string_view::npos) return nothing(key);
  const std::size_t at = value - key.size() - 3;
  Poison poison{std::string(text), fmt::format("'{}' misspelt as '{}'", key, wrong)};
  poison.text.replace(at, key.size(), wrong);
  return poison;
}

// Every port in the list of nodes becomes another one, where nobody listens.
base::Result<Poison> old_nodes(std::string_view text) {
  const std::size_t begin = find_value(text, "nodes");
  if (begin == std::string_view::npos) return nothing("nodes");
  Poison poison{std::string(text.substr(0, begin)), "the nodes' addresses of the old machines"};
  const std::size_t end = text.find(']', begin);
  for (std::size_t at = begin; at < text.size(); ++at) {
    const bool ends_port = at < end && text[at] == '"' && std::isdigit(text[at - 1]) != 0;
    if (ends_port) poison.text.back() = poison.text.back() == '9' ? '1' : '9';
    poison.text += text[at];
  }
  return poison;
}

base::Result<Poison> moved_file(std::string_view text, std::string_view key) {
  const std::size_t at = find_value(text, key);
  if (at == std::string_view::npos) return nothing(key);
  Poison poison{std::string(text), fmt::format("'{}' names a file that is not there", key)};
  const std::size_t end = text.find('"', at + 1);
  poison.text.insert(end, ".old");
  return poison;
}

}  // namespace

base::Result<Poison> poison_gateway(std::string_view text, check::Random& random) {
  switch (random.below(std::uint64_t{4})) {
    case 0:
      return another_cluster(text);
    case 1:
      return old_nodes(text);
    case 2:
      return moved_file(text, "credentials");
    default:
      return misspelt(text, "members", "member");
  }
}

base::Result<Poison> poison_node(std::string_view text, check::Random& random) {
  if (random.one_in(2)) return another_cluster(text);
  return misspelt(text, "cluster", "clutser");
}

}  // namespace okiagari::drill
