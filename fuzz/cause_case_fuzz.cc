// Rooms: cause watch base
// A case as JSON, ranked and explained; counted cases.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "cause/cause_table.h"
#include "cause/counted_cases.h"
#include "cause/explain.h"
#include "cause/ranking_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari::cause;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)counted_cases_from_json(text, CauseTable::builtin()).ok();
  const auto file = case_from_json(text);
  if (!file) return 0;
  const Ranking ranking = rank_hypotheses(CauseTable::builtin(), file.value());
  double sum = 0;
  for (const Hypothesis& hypothesis : ranking.hypotheses) sum += hypothesis.probability;
  ASSERT(!ranking.hypotheses.empty() && sum < 1.000001, "shares of {}", sum);
  (void)explain(ranking, CauseTable::builtin());
  (void)to_json(ranking);
  return 0;
}
