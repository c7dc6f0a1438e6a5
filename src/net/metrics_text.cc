#include "net/metrics_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "net/http_message.h"

namespace okiagari::net {

namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool is_name_character(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::optional<double> parse_number(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  if (digits.empty() || digits.front() == '+') return std::nullopt;
  std::string_view unsigned_part = digits.front() == '-' ? digits.substr(1) : digits;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (equals_ignoring_case(unsigned_part, "inf") ||
      equals_ignoring_case(unsigned_part, "infinity")) {
    return digits.front() == '-' ? -kInfinity : kInfinity;
  }
  if (equals_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  double number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// One line, from left to right.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view name() {
    if (rest_.empty() || !is_name_start(rest_.front())) return {};
    std::size_t size = 1;
    while (size < rest_.size() && is_name_character(rest_[size])) ++size;
    return cut(size);
  }
  std::string_view word() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    return cut(size);
  }
  // Behind the opening quote, up to and with the closing one.
  std::optional<std::string> quoted() {
    std::string text;
    while (!rest_.empty()) {
      const char c = cut(1).front();
      if (c == '"') return text;
      if (c != '\\') {
        text += c;
      } else if (rest_.empty()) {
        break;
      } else {
        append_escape(text, cut(1).front());
      }
    }
    return std::nullopt;
  }
  static void append_escape(std::string& text, char escaped) {
    if (escaped == 'n') {
      text += '\n';
    } else {
      if (escaped != '\\' && escaped != '"') text += '\\';
      text += escaped;
    }
  }

 private:
  std::string_view cut(std::size_t size) {
    const std::string_view part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }
  std::string_view rest_;
};

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      LineReader::append_escape(plain, text[++at]);
    } else {
      plain += text[at];
    }
  }
  return plain;
}

class MetricsParser {
 public:
  MetricsParser(MetricsFormat format, const MetricsTextLimits& limits)
      : is_open_(format == MetricsFormat::openmetrics), limits_(limits) {}

  base::Result<MetricsText> parse(std::string_view text) {
    if (text.size() > limits_.bytes_max) {
      return base::Error{fmt::format("more than {} bytes", limits_.bytes_max)};
    }
    std::size_t number = 0;
    while (!text.empty()) {
      ++number;
      const auto end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      if (line.ends_with('\r') && !is_open_) line.remove_suffix(1);
      const std::string_view wrong = take(line);
      if (!wrong.empty()) return base::Error{fmt::format("line {}: {}", number, wrong)};
    }
    if (is_open_ && !has_ended_) return base::Error{"it is cut off: '# EOF' is missing"};
    return std::move(result_);
  }

 private:
  // What is wrong with the line; empty when nothing is.
  std::string_view take(std::string_view line) {
    if (has_ended_) return "something follows '# EOF'";
    if (line.size() > limits_.line_bytes_max) return "it is too long";
    if (line.find('\0') != std::string_view::npos) return "it holds a zero byte";
    if (!is_open_) {
      while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    }
    if (line.empty()) return is_open_ ? "it is empty" : "";
    return line.front() == '#' ? take_comment(line) : take_sample(line);
  }

  std::string_view take_comment(std::string_view line) {
    if (is_open_ && line == "# EOF") {
      has_ended_ = true;
      return {};
    }
    LineReader reader(line.substr(1));
    reader.skip_blanks();
    const std::string_view keyword = reader.word();
    if (keyword != "TYPE" && keyword != "HELP" && keyword != "UNIT") {
      return is_open_ ? "it is neither a sample nor TYPE, UNIT, HELP or EOF" : "";
    }
    reader.skip_blanks();
    const std::string_view name = reader.name();
    if (name.empty() || !(reader.at_end() || is_blank(reader.peek()))) return "the name is none";
    reader.skip_blanks();
    MetricFamily& family = family_of(name);
    if (keyword == "HELP") {
      family.help = unescape(reader.rest());
    } else if (keyword == "TYPE") {
      if (!family.samples.empty()) return "TYPE comes after samples";
      family.type = reader.word();
      if (family.type == "untyped") family.type = "unknown";
      if (family.type.empty()) return "the type is missing";
    } else {
      family.unit = reader.word();
    }
    return {};
  }

  std::string_view take_sample(std::string_view line) {
    if (++samples_ > limits_.samples_max) return "there are too many samples";
    LineReader reader(line);
    MetricSample sample;
    sample.name = reader.name();
    if (sample.name.empty()) return "it begins with no name";
    reader.skip_blanks();
    if (reader.take('{')) {
      const std::string_view wrong = take_labels(reader, sample);
      if (!wrong.empty()) return wrong;
      reader.skip_blanks();
    }
    const auto number = parse_number(reader.word());
    if (!number) return "the value is no number";
    sample.value = *number;
    reader.skip_blanks();
    if (!reader.at_end() && reader.peek() != '#') {
      const auto timestamp = parse_number(reader.word());
      if (!timestamp || !std::isfinite(*timestamp)) return "the timestamp is no number";
      sample.timestamp_s = is_open_ ? *timestamp : *timestamp / 1000;
      reader.skip_blanks();
    }
    // An exemplar, which is not kept.
    const bool has_exemplar = is_open_ && reader.rest().starts_with("# {");
    if (!reader.at_end() && !has_exemplar) return "something follows the value";
    family_for(sample.name).samples.push_back(std::move(sample));
    return {};
  }

  std::string_view take_labels(LineReader& reader, MetricSample& sample) {
    reader.skip_blanks();
    while (!reader.take('}')) {
      if (sample.labels.size() >= limits_.labels_max) return "there are too many labels";
      const std::string_view key = reader.name();
      if (key.empty()) return "a label has no name";
      if (sample.label(key)) return "a label comes twice";
      reader.skip_blanks();
      if (!reader.take('=')) return "a label has no '='";
      reader.skip_blanks();
      if (!reader.take('"')) return "a label's value is not quoted";
      auto value = reader.quoted();
      if (!value) return "a quote is not closed";
      sample.labels.emplace_back(key, std::move(*value));
      reader.skip_blanks();
      if (reader.take(',')) {
        reader.skip_blanks();
      } else if (reader.peek() != '}') {
        return "labels are not ended by '}'";
      }
    }
    return {};
  }

  // The family that is being told, or a new one.
  MetricFamily& family_of(std::string_view name) {
    auto& families = result_.families;
    if (families.empty() || families.back().name != name) {
      families.emplace_back();
      families.back().name = name;
    }
    return families.back();
  }

  MetricFamily& family_for(std::string_view sample) {
    auto& families = result_.families;
    if (!families.empty() && sample.starts_with(families.back().name)) {
      const std::string_view suffix = sample.substr(families.back().name.size());
      for (const std::string_view known :
           {"", "_total", "_created", "_bucket", "_sum", "_count", "_info", "_gsum", "_gcount"}) {
        if (suffix == known) return families.back();
      }
    }
    return family_of(sample);
  }

  bool is_open_;
  const MetricsTextLimits& limits_;
  MetricsText result_;
  std::size_t samples_ = 0;
  bool has_ended_ = false;
};

}  // namespace

std::optional<std::string_view> MetricSample::label(std::string_view key) const {
  for (const auto& one : labels) {
    if (one.first == key) return one.second;
  }
  return std::nullopt;
}

const MetricFamily* MetricsText::find(std::string_view family) const {
  for (const MetricFamily& one : families) {
    if (one.name == family) return &one;
  }
  return nullptr;
}

std::optional<double> MetricsText::value(std::string_view sample, MetricLabels labels) const {
  for (const MetricFamily& family : families) {
    for (const MetricSample& one : family.samples) {
      if (one.name != sample) continue;
      const bool has_all = std::all_of(labels.begin(), labels.end(), [&](const MetricLabel& label) {
        return one.label(label.first) == label.second;
      });
      if (has_all) return one.value;
    }
  }
  return std::nullopt;
}

base::Result<MetricsText> parse_metrics(std::string_view text, MetricsFormat format,
                                        const MetricsTextLimits& limits) {
  return MetricsParser(format, limits).parse(text);
}

}  // namespace okiagari::net
