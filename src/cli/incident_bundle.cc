#include "cli/incident_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "cli/document_text.h"
#include "cli/removed_secrets.h"
#include "desk/incidents.h"
#include "web/looks.h"

namespace okiagari::cli {

namespace {

using boost::json::object;
using boost::json::value;

constexpr TimestampNs kMinuteNs = 60'000'000'000;
constexpr TimestampNs kBeforeNs = 2 * kMinuteNs;
constexpr TimestampNs kBehindNs = 15 * kMinuteNs;

constexpr std::string_view kReadMe =
    R"(This is what the outage desk holds of one incident, for whoever looks for its cause.

incident.json          evidence, causes thought of, steps, halts, proposals, notices, effects
report.txt             situation report, and each cause with what speaks for and against it
timeline.ndjson        what happened, in order; each line's `chain` is BLAKE2b of the value `before`
                       it and the line without `chain` and `before` (docs/formats/desk_log.md)
picture.json           how the desk saw everything when this was made
logs/                  of every process, from 2 minutes before the fault on
crashes/               dying words and backtraces, and the command a server was in
metrics/               OpenMetrics pages when this was made; around/ those of the time of the fault
positions.json         log position and state hash of every replica
configuration/         as it was; secrets are [removed]
build.json             what was running
CUT.txt                what is not here, and why
MANIFEST.txt, .sig     SHA-256, size and path of every file; the desk's signature over that

Check it:  okiagari incident bundle --check FILE --key HEX
)";

// A chain over the whole record, of which this incident is a part: with the value before each of
// its items, every one of them can be checked by itself.
std::string timeline_of(const desk::Timeline& timeline, const std::string& incident) {
  std::string lines;
  base::Digest before{};
  for (const desk::TimelineItem& item : timeline.items()) {
    if (item.incident == incident) {
      object line = desk::to_json(item);
      line["before"] = base::to_hex(before);
      lines += boost::json::serialize(line) + "\n";
    }
    before = item.chain;
  }
  return lines;
}

std::string report_of(const desk::Incident& incident) {
  std::string text = fmt::format("{}  severity {}  {}\n{}\n{}\n", incident.id, incident.severity,
                                 to_string(incident.status), incident.title.ja, incident.title.en);
  for (const char* language : {"ja", "en"}) {
    text += fmt::format("\n==== {}\n", language);
    for (const value& sentence : incident.report) text += words_in(sentence, language) + "\n";
    text += "\n" + document_text(incident.hypotheses, language);
  }
  return text;
}

}  // namespace

base::Result<IncidentPapers> take_papers(const desk::DeskPort& port, const std::string& id) {
  const auto* incidents = port.desk().part<desk::Incidents>();
  const desk::Incident* incident = incidents == nullptr ? nullptr : incidents->find(id);
  if (incident == nullptr) return base::Error{fmt::format("there is no incident '{}'", id)};
  IncidentPapers papers;
  papers.incident = id;
  const TimestampNs now_ns = port.desk().now_ns();
  const TimestampNs end_ns = incident->resolved_ns != 0 ? incident->resolved_ns : now_ns;
  papers.window = {incident->began_ns - std::min(incident->began_ns, kBeforeNs),
                   std::max(end_ns, incident->began_ns) + kBehindNs};
  SignedBundle& bundle = papers.bundle;
  bundle.add("README.txt", std::string(kReadMe));
  bundle.add("incident.json", web::incident_look(port, id).body);
  bundle.add("report.txt", report_of(*incident));
  bundle.add("timeline.ndjson", timeline_of(port.desk().timeline(), id));
  bundle.add("picture.json", boost::json::serialize(port.live_picture()) + "\n");
  bundle.add("record.json", web::audit_look(port).body);
  return papers;
}

base::Result<std::string> finish_bundle(IncidentPapers papers, const std::string& market_folder,
                                        const base::KeyPair& key) {
  SignedBundle& bundle = papers.bundle;
  if (market_folder.empty()) {
    bundle.note_cut("logs, metrics, positions, configuration: this desk has no market on its host");
  } else {
    add_positions(bundle, market_folder);
    add_configuration(bundle, market_folder);
    add_metrics(bundle, market_folder);
    add_logs(bundle, market_folder, papers.window);
  }
  add_build(bundle);
  KnownSecrets secrets;
  if (!market_folder.empty()) secrets.read(market_folder);
  std::size_t removed = 0;
  for (BundledFile& file : bundle.files()) {
    file.text = secrets.without(std::move(file.text), removed);
  }
  if (removed != 0) bundle.note_cut(fmt::format("{} secrets, in their places", removed));
  return bundle.pack(fmt::format("okiagari-{}", papers.incident), key);
}

}  // namespace okiagari::cli
