#include "watch/changes.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <utility>

#include "venue/names.h"
#include "watch/signal.h"

namespace okiagari::watch {

namespace {

// A program has some tens of MiB; what is larger is known by its size and time alone.
constexpr std::uint64_t kReadBytesMax = 256u << 20;

// Who owns what was written: a file that is replaced belongs to whoever did it.
std::string owner_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return "somebody";
  std::array<char, 4'096> buffer;
  struct passwd entry {};
  struct passwd* result = nullptr;
  const int error = ::getpwuid_r(found.st_uid, &entry, buffer.data(), buffer.size(), &result);
  return error == 0 && result != nullptr ? result->pw_name : fmt::format("user {}", found.st_uid);
}

base::Digest digest_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  base::Digest digest{};
  std::vector<char> block(1u << 20);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    if (got == 0) break;
    digest = base::digest(digest, base::as_bytes(std::string_view(block.data(), got)));
  }
  return digest;
}

}  // namespace

FileChanges::FileChanges(ChangesSettings settings, Reporter& reporter)
    : settings_(std::move(settings)), reporter_(reporter) {}

FileChanges::Known FileChanges::look(const std::string& path, const Known& before) {
  struct stat found {};
  Known now;
  if (::stat(path.c_str(), &found) != 0) return now;
  now.is_there = true;
  now.written_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  now.size_bytes = static_cast<std::uint64_t>(found.st_size);
  const bool is_same =
      before.is_there && before.written_ns == now.written_ns && before.size_bytes == now.size_bytes;
  if (is_same) {
    now.digest = before.digest;
  } else if (now.size_bytes <= kReadBytesMax) {
    now.digest = digest_of(path);
  }
  return now;
}

void FileChanges::compare(const std::string& path, const std::string& entity,
                          std::string_view signal, const Moment& moment) {
  const auto known = known_.find(path);
  if (known == known_.end()) {
    known_[path] = look(path, {});
    return;
  }
  const Known now = look(path, known->second);
  const Known before = std::exchange(known->second, now);
  const bool is_same = before.is_there == now.is_there && before.digest == now.digest &&
                       before.size_bytes == now.size_bytes;
  if (is_same) return;
  const Sentence what = !now.is_there      ? Sentence("was taken away", "が取り除かれた")
                        : !before.is_there ? Sentence("was put there", "が新たに置かれた")
                                           : Sentence("has another content", "の内容が変わった");
  reporter_.report(
      moment, {.kind = EvidenceKind::change,
               .entity = entity,
               .signal = signal,
               .statement = said(
                   "{} {}{}: {} bytes, {} before", "{}{}{}: {}バイト（以前は{}バイト）", path, what,
                   now.is_there ? said(" by {}", "（所有者 {}）", owner_of(path)) : Sentence(),
                   now.size_bytes, before.size_bytes),
               .value = static_cast<double>(now.size_bytes),
               .baseline = static_cast<double>(before.size_bytes),
               .reference = fmt::format("{} {}", path, base::to_hex(now.digest).substr(0, 16))});
}

void FileChanges::tick(const Moment& moment) {
  if (moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + settings_.interval_ms;
  for (const auto& [path, entity] : settings_.files) {
    compare(path, entity, signal::configuration_changed, moment);
  }
  for (const auto& [path, entity] : settings_.halts) {
    compare(path, entity, signal::market_control, moment);
  }
  if (!settings_.program.empty()) {
    compare(settings_.program, "market", signal::program_changed, moment);
  }
}

void MarketChanges::take(const venue::EventHeader& event, const Moment& moment) {
  if (event.type != venue::EventType::control_result) return;
  const auto& result = reinterpret_cast<const venue::ControlResult&>(event);
  using venue::CommandType;
  const bool is_control = result.command == CommandType::set_instrument_state ||
                          result.command == CommandType::set_price_limits ||
                          result.command == CommandType::set_trading_plan ||
                          result.command == CommandType::trade_bust;
  const bool is_reference = result.command >= CommandType::add_instrument &&
                            result.command <= CommandType::set_auction_rules;
  if (!is_control && !is_reference) return;
  const bool is_done = result.reason == venue::Reason::none;
  reporter_.report(
      moment,
      {.kind = EvidenceKind::change,
       .entity = "market",
       .signal = is_control ? signal::market_control : signal::reference_data_changed,
       .statement = said("{} {}{}, at sequence {}; {} affected",
                         "操作「{}」が{}{}（通番{}、対象{}件）", venue::name_of(result.command),
                         is_done ? Sentence("took effect", "有効になった")
                                 : Sentence("was refused: ", "拒否された: "),
                         is_done ? "" : venue::name_of(result.reason),
                         std::uint64_t{result.sequence}, std::uint32_t{result.affected}),
       .value = static_cast<double>(result.affected),
       .from_ns = event.timestamp_ns,
       .reference = fmt::format("event {}, control number {}, log sequence {}",
                                std::uint64_t{event.event_number}, std::uint64_t{result.number},
                                std::uint64_t{result.sequence})});
}

}  // namespace okiagari::watch
