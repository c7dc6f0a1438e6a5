#include "deployment/wanted_nodes.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace okiagari::deployment {

namespace {

namespace fs = std::filesystem;

std::string path_in(const std::string& folder) { return folder + "/node-wish"; }

std::optional<NodeWish> parse(std::string_view text) {
  if (text == "add") return NodeWish{};
  constexpr std::string_view kRemove = "remove ";
  if (!text.starts_with(kRemove)) return std::nullopt;
  text.remove_prefix(kRemove.size());
  NodeWish wish;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wish.remove);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && wish.remove != 0 ? std::optional(wish) : std::nullopt;
}

}  // namespace

base::Status put_node_wish(const std::string& folder, const NodeWish& wish) {
  const std::string path = path_in(folder);
  std::error_code error;
  if (fs::exists(path, error)) {
    return base::Error{fmt::format(
        "{}: another wish waits there. Is the market's `okiagari up` running? If not, remove the "
        "file",
        path)};
  }
  const std::string draft = path + ".new";
  std::ofstream stream(draft, std::ios::trunc);
  stream << (wish.remove == 0 ? std::string("add") : fmt::format("remove {}", wish.remove)) << '\n';
  stream.close();
  if (!stream) return base::Error{fmt::format("{}: cannot be written", draft)};
  fs::rename(draft, path, error);
  if (error) return base::Error{fmt::format("{}: {}", path, error.message())};
  return {};
}

std::optional<NodeWish> take_node_wish(const std::string& folder) {
  const std::string path = path_in(folder);
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  stream.close();
  fs::remove(path, error);
  return parse(line);
}

}  // namespace okiagari::deployment
