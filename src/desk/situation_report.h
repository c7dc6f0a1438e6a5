// The situation report: what is known, in sentences, each with the evidence it stands on, in both
// languages. Nothing is in it that nobody saw; what is not known is said as such.
#pragma once

#include <boost/json/array.hpp>

#include "cause/cause_table.h"
#include "desk/incidents.h"

namespace okiagari::desk {

// Sentences {"en", "ja", "evidence": [ids]}.
// `table` has the words for what was seen; `thoughts` are sentences of the same kind about the
// cause (cause/explain.h).
[[nodiscard]] boost::json::array situation_report(const Incidents& incidents,
                                                  const Incident& incident,
                                                  const cause::CauseTable& table,
                                                  const boost::json::array& thoughts);

}  // namespace okiagari::desk
