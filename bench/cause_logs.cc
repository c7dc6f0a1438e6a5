#include "bench/cause_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "cause/csv.h"
#include "cause/log_templates.h"
#include "cause/packed_files.h"

namespace okiagari::bench {

namespace {

struct Labelled {
  std::vector<cause::TemplateId> found;
  std::vector<std::string> label;
};

double group_accuracy(const Labelled& lines) {
  std::map<cause::TemplateId, std::size_t> found_sizes;
  std::map<std::string_view, std::size_t> label_sizes;
  std::map<std::pair<cause::TemplateId, std::string_view>, std::size_t> both;
  for (std::size_t at = 0; at < lines.found.size(); ++at) {
    ++found_sizes[lines.found[at]];
    ++label_sizes[lines.label[at]];
    ++both[{lines.found[at], lines.label[at]}];
  }
  std::size_t right = 0;
  for (const auto& [pair, count] : both) {
    if (count == found_sizes[pair.first] && count == label_sizes[pair.second]) right += count;
  }
  return static_cast<double>(right) / static_cast<double>(lines.found.size());
}

base::Result<Labelled> read_labelled(std::string_view text, const std::string& name) {
  cause::CsvReader csv(text);
  std::vector<std::string> fields;
  (void)csv.next(fields);
  const auto column = [&](std::string_view wanted) {
    return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), wanted) -
                                    fields.begin());
  };
  const std::size_t content = column("Content");
  const std::size_t label = column("EventId");
  if (content == fields.size() || label == fields.size()) {
    return base::Error{fmt::format("{}: has no columns Content and EventId", name)};
  }
  Labelled lines;
  cause::LogTemplates templates;
  while (csv.next(fields)) {
    if (fields.size() <= std::max(content, label)) continue;
    lines.found.push_back(templates.add(fields[content]));
    lines.label.push_back(fields[label]);
  }
  if (lines.found.empty()) return base::Error{fmt::format("{}: has no lines", name)};
  return lines;
}

}  // namespace

base::Status score_log_templates(const std::string& folder, base::Report& report) {
  base::Status bad;
  double sum = 0;
  int systems = 0;
  const base::Status read =
      cause::for_each_file(folder, [&](const std::string& name, std::string_view text) {
        if (!name.ends_with("_structured.csv")) return true;
        const auto lines = read_labelled(text, name);
        if (!lines) {
          bad = lines.error();
          return false;
        }
        const double accuracy = group_accuracy(lines.value());
        report.figure(fmt::format("group accuracy, {}", name.substr(0, name.find('/'))), accuracy,
                      "share");
        sum += accuracy;
        ++systems;
        return true;
      });
  if (!read) return read;
  if (!bad) return bad;
  if (systems == 0) return base::Error{fmt::format("{}: no *_structured.csv there", folder)};
  report.figure("group accuracy, mean of systems", sum / systems, "share");
  return {};
}

}  // namespace okiagari::bench
