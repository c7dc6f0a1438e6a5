// Rooms: cause watch base
// The text of a foreign file, read as every kind of recording, and searched for culprits.
#include <cstdint>
#include <string_view>

#include "cause/cause_table.h"
#include "cause/culprits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari::cause;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ForeignData recorded;
  (void)recorded.add_metrics(text, "source.csv").ok();
  (void)recorded.add_metrics(text, "destination.csv").ok();
  (void)recorded.add_graph(text, "graph.csv").ok();
  (void)recorded.add_traces(text, "traces.csv").ok();
  (void)recorded.add_logs(text, "logs").ok();
  recorded.sort();
  Incident incident;
  if (!recorded.series().empty() && !recorded.series()[0].times_s.empty()) {
    incident.at_s = recorded.series()[0].times_s.back() - 100;
  }
  (void)find_culprits(CauseTable::builtin(), recorded, incident);
  return 0;
}
