#include "recordings/flow_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "recordings/line_reader.h"

namespace okiagari::recordings {

namespace {

constexpr std::size_t kMaxRecords = 50'000'000;

// What a symbol is made of on the wire; fields are split at spaces, so there are none.
bool is_symbol(std::string_view text) {
  return !text.empty() && text.size() <= 8 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

class FlowParser {
 public:
  explicit FlowParser(LineReader& lines) : lines_(lines) {}

  base::Result<Flow> parse();

 private:
  base::Status parse_line(std::string_view line);
  base::Status parse_instrument();
  base::Status parse_add();
  base::Status parse_reduce();
  base::Status parse_take();
  // Splits at single spaces.
  void split(std::string_view line);
  // Field `at` as a number within the bounds.
  bool number(std::size_t at, std::int64_t low, std::int64_t high, std::int64_t& value) const;
  bool time_and(std::size_t count, FlowRecord& record);
  bool market(std::size_t at, FlowRecord& record) const;
  base::Error wrong(std::string_view what) const {
    return {fmt::format("{}:{}: {}", lines_.path(), lines_.line_number(), what)};
  }

  LineReader& lines_;
  std::vector<std::string_view> fields_;
  std::unordered_map<std::int64_t, std::uint32_t> orders_;  // number in the file -> dense
  std::vector<FlowRecord> added_;                           // by dense number
  Flow flow_;
};

void FlowParser::split(std::string_view line) {
  fields_.clear();
  for (;;) {
    const std::size_t space = line.find(' ');
    fields_.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return;
    line.remove_prefix(space + 1);
  }
}

bool FlowParser::number(std::size_t at, std::int64_t low, std::int64_t high,
                        std::int64_t& value) const {
  return parse_integer(fields_[at], value) && value >= low && value <= high;
}

bool FlowParser::time_and(std::size_t count, FlowRecord& record) {
  std::int64_t time = 0;
  const std::uint32_t before = flow_.records.empty() ? 0 : flow_.records.back().time_ms;
  if (fields_.size() != count || !number(1, before, UINT32_MAX, time)) return false;
  record.time_ms = static_cast<std::uint32_t>(time);
  return true;
}

// instrument side price lots, from field `at` on.
bool FlowParser::market(std::size_t at, FlowRecord& record) const {
  std::int64_t instrument = 0;
  std::int64_t price = 0;
  std::int64_t lots = 0;
  const auto known = static_cast<std::int64_t>(flow_.instruments.size());
  if (!number(at, 1, known, instrument) || !number(at + 2, 1, kMaxPriceTicks, price) ||
      !number(at + 3, 1, kMaxQuantityLots, lots) ||
      (fields_[at + 1] != "B" && fields_[at + 1] != "S")) {
    return false;
  }
  record.instrument = static_cast<std::uint16_t>(instrument - 1);
  record.side = fields_[at + 1] == "B" ? Side::buy : Side::sell;
  record.price_ticks = static_cast<PriceTicks>(price);
  record.lots = static_cast<QuantityLots>(lots);
  return true;
}

base::Status FlowParser::parse_instrument() {
  std::int64_t number_in_file = 0;
  std::int64_t price_decimals = 0;
  std::int64_t lot_decimals = 0;
  const auto expected = static_cast<std::int64_t>(flow_.instruments.size()) + 1;
  if (fields_.size() != 5 || !number(1, expected, expected, number_in_file) ||
      !is_symbol(fields_[2]) || !number(3, 0, 18, price_decimals) ||
      !number(4, 0, 18, lot_decimals)) {
    return wrong(
        "expected 'I instrument symbol price_decimals lot_decimals', instruments from 1 in order");
  }
  flow_.instruments.push_back({std::string(fields_[2]), static_cast<std::uint32_t>(price_decimals),
                               static_cast<std::uint32_t>(lot_decimals)});
  return {};
}

base::Status FlowParser::parse_add() {
  FlowRecord record;
  std::int64_t order = 0;
  if (!time_and(7, record) || !number(2, 1, INT64_MAX, order) || !market(3, record)) {
    return wrong("expected 'A ms order instrument side price lots'");
  }
  record.order = flow_.orders++;
  if (!orders_.emplace(order, record.order).second)
    return wrong(fmt::format("order {} a second time", order));
  added_.push_back(record);
  flow_.records.push_back(record);
  return {};
}

base::Status FlowParser::parse_reduce() {
  FlowRecord record;
  std::int64_t order = 0;
  std::int64_t lots = 0;
  if (!time_and(4, record) || !number(2, 1, INT64_MAX, order) ||
      !number(3, 0, kMaxQuantityLots, lots)) {
    return wrong("expected 'R ms order lots'");
  }
  const auto known = orders_.find(order);
  if (known == orders_.end()) return wrong(fmt::format("order {} was never added", order));
  const FlowRecord& added = added_[known->second];
  record.action = FlowAction::reduce;
  record.order = added.order;
  record.instrument = added.instrument;
  record.side = added.side;
  record.price_ticks = added.price_ticks;
  record.lots = static_cast<QuantityLots>(lots);
  flow_.records.push_back(record);
  return {};
}

base::Status FlowParser::parse_take() {
  FlowRecord record;
  if (!time_and(6, record) || !market(2, record)) {
    return wrong("expected 'X ms instrument side price lots'");
  }
  record.action = FlowAction::take;
  flow_.records.push_back(record);
  return {};
}

base::Status FlowParser::parse_line(std::string_view line) {
  split(line);
  if (flow_.records.size() >= kMaxRecords) return wrong("more than 50 million records");
  if (fields_[0] == "I") return parse_instrument();
  if (fields_[0] == "A") return parse_add();
  if (fields_[0] == "R") return parse_reduce();
  if (fields_[0] == "X") return parse_take();
  return wrong("a line begins with I, A, R or X");
}

base::Result<Flow> FlowParser::parse() {
  std::string_view line;
  auto more = lines_.next(line);
  if (!more) return more.error();
  if (!more.value() || line != "okiagari flow 1") {
    return base::Error{fmt::format("{}: is not an order flow file of version 1", lines_.path())};
  }
  for (;;) {
    more = lines_.next(line);
    if (!more) return more.error();
    if (!more.value()) break;
    if (base::Status status = parse_line(line); !status) return status.error();
  }
  if (flow_.records.empty()) return base::Error{fmt::format("{}: holds no orders", lines_.path())};
  return std::move(flow_);
}

}  // namespace

base::Result<Flow> read_flow(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return lines.error();
  return FlowParser(lines.value()).parse();
}

Flow spread_over(const Flow& flow, std::uint16_t instruments) {
  Flow spread;
  const auto recorded = static_cast<std::uint32_t>(flow.instruments.size());
  const std::uint32_t copies = (instruments + recorded - 1) / recorded;
  for (std::uint32_t i = 0; i < instruments; ++i) {
    FlowInstrument instrument = flow.instruments[i % recorded];
    // Its number makes the copy's symbol its own: the names of a recording may begin alike.
    if (i >= recorded) instrument.symbol = fmt::format("{:.3}{:05}", instrument.symbol, i + 1);
    spread.instruments.push_back(std::move(instrument));
  }
  for (const FlowRecord& record : flow.records) {
    for (std::uint32_t copy = 0; copy < copies; ++copy) {
      const std::uint32_t instrument = copy * recorded + record.instrument;
      if (instrument >= instruments) continue;
      spread.records.push_back(record);
      spread.records.back().instrument = static_cast<std::uint16_t>(instrument);
      spread.records.back().order = copy * flow.orders + record.order;
    }
  }
  spread.orders = copies * flow.orders;
  return spread;
}

}  // namespace okiagari::recordings
