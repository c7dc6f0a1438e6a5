// Acts that people propose at a desk, as its web sees them: their text, what approvers sign, and
// the text again with the approvals in it. Kinds: "market_act", which the desk submits by itself
// once two have signed; "guard_lift", which it hands to every gateway; "rebuild", which people
// carry out with `okiagari promote`.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "desk/approvals.h"
#include "web/api.h"

namespace okiagari::cli {

// What approvers sign is worked out of the act itself.
[[nodiscard]] base::Result<web::ReadProposal> read_proposal(std::string_view kind,
                                                            std::string_view payload);
// {scope, target, state} as an act for the market in that folder; `now_ns` numbers it.
[[nodiscard]] base::Result<std::string> draft_act(const std::string& market_folder,
                                                  const boost::json::object& wanted,
                                                  TimestampNs now_ns);
[[nodiscard]] base::Result<std::string> approved_act(const desk::Proposal& proposal);

}  // namespace okiagari::cli
