#include "recordings/lobster_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "recordings/lobster_file.h"

namespace okiagari::recordings {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRecordsMax = 50'000'000;

struct TimedRecord {
  TimestampNs time_ns;
  FlowRecord record;
};

class Reader {
 public:
  base::Status read(const std::string& file);
  // In the order of time; rows of one time stay as they were read.
  LobsterFlow finish();

 private:
  struct Live {
    std::uint32_t order;
    QuantityLots lots;
  };
  using Orders = std::unordered_map<std::int64_t, Live>;

  void take(const LobsterMessage& message, Orders& live);
  void add(const LobsterMessage& message, FlowAction action, std::uint32_t order,
           QuantityLots lots);
  void lower(const LobsterMessage& message, Orders& live);
  void execute(const LobsterMessage& message, Orders& live);

  LobsterFlow result_;
  std::vector<TimedRecord> records_;
};

void Reader::add(const LobsterMessage& message, FlowAction action, std::uint32_t order,
                 QuantityLots lots) {
  FlowRecord record;
  record.action = action;
  record.side = action == FlowAction::take ? opposite(message.side) : message.side;
  record.instrument = static_cast<std::uint16_t>(result_.flow.instruments.size() - 1);
  record.order = order;
  record.price_ticks = static_cast<PriceTicks>(message.price_e4);
  record.lots = lots;
  records_.push_back({message.time_ns, record});
}

void Reader::lower(const LobsterMessage& message, Orders& live) {
  const auto found = live.find(message.order);
  if (found == live.end()) {
    ++result_.rows_of_older_orders;
    return;
  }
  Live& order = found->second;
  order.lots -=
      message.type == LobsterType::deletion ? order.lots : std::min(order.lots, message.size);
  add(message, FlowAction::reduce, order.order, order.lots);
  if (order.lots == 0) live.erase(found);
}

void Reader::execute(const LobsterMessage& message, Orders& live) {
  const auto found = live.find(message.order);
  if (found == live.end()) {
    ++result_.rows_of_older_orders;
    return;
  }
  add(message, FlowAction::take, 0, message.size);
  found->second.lots -= std::min(found->second.lots, message.size);
  if (found->second.lots == 0) live.erase(found);
}

void Reader::take(const LobsterMessage& message, Orders& live) {
  switch (message.type) {
    case LobsterType::submission:
      live[message.order] = {result_.flow.orders, message.size};
      return add(message, FlowAction::add, result_.flow.orders++, message.size);
    case LobsterType::partial_cancel:
    case LobsterType::deletion:
      return lower(message, live);
    case LobsterType::visible_execution:
      return execute(message, live);
    case LobsterType::hidden_execution:
      ++result_.hidden_executions;
      return;
    case LobsterType::trading_halt:
      ++result_.halts;
      return;
  }
}

base::Status Reader::read(const std::string& file) {
  const std::string name = fs::path(file).filename().string();
  const std::string symbol = name.substr(0, std::min<std::size_t>(name.find('_'), 8));
  for (const FlowInstrument& other : result_.flow.instruments) {
    if (other.symbol != symbol) continue;
    return base::Error{fmt::format(
        "{}: a second file of {}; times are of one day, so days are replayed one by one", file,
        symbol)};
  }
  result_.flow.instruments.push_back({symbol, 4, 0});
  auto lines = LineReader::open(file);
  if (!lines) return lines.error();
  Orders live;
  LobsterMessage message;
  for (;;) {
    auto more = read_message(lines.value(), message);
    if (!more) return more.error();
    if (!more.value()) return {};
    ++result_.rows;
    const bool is_order = message.type != LobsterType::trading_halt;
    if (is_order && (message.price_e4 < 1 || message.price_e4 > kMaxPriceTicks)) {
      return base::Error{fmt::format("{}:{}: a price of {}/10000 is outside of what can be entered",
                                     file, lines.value().line_number(), message.price_e4)};
    }
    if (records_.size() >= kRecordsMax) return base::Error{"more than 50 million rows"};
    take(message, live);
  }
}

LobsterFlow Reader::finish() {
  std::stable_sort(
      records_.begin(), records_.end(),
      [](const TimedRecord& a, const TimedRecord& b) { return a.time_ns < b.time_ns; });
  result_.flow.records.reserve(records_.size());
  for (const TimedRecord& timed : records_) {
    FlowRecord record = timed.record;
    record.time_ms =
        static_cast<std::uint32_t>((timed.time_ns - records_.front().time_ns) / 1'000'000);
    result_.flow.records.push_back(record);
  }
  return std::move(result_);
}

}  // namespace

std::vector<std::string> lobster_message_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      if (name.find("_message_") != std::string::npos && name.find(".csv") != std::string::npos) {
        files.push_back(entry.path().string());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

base::Result<LobsterFlow> read_lobster_flow(const std::vector<std::string>& files) {
  Reader reader;
  for (const std::string& file : files) {
    if (base::Status status = reader.read(file); !status) return status.error();
  }
  LobsterFlow flow = reader.finish();
  if (flow.flow.records.empty()) return base::Error{"no row is one that a member could have sent"};
  return flow;
}

}  // namespace okiagari::recordings
