// Halts that gateways obey on their own (docs/formats/halt.md), as their folders on this host say,
// and the document by which two people lift one of them.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"
#include "deployment/deployment_file.h"
#include "web/api.h"
#include "wire/halt_document.h"

namespace okiagari::cli {

// One gateway a row: {"gateway", "halts": [{"number", "scope", "target", "reason", "since_ns"}]},
// or with "error" instead of "halts" where the folder does not say.
[[nodiscard]] boost::json::array guards_in_force(const deployment::DeploymentFile& market);

// {lifts, proof, reason}: the halt of that number, which a gateway must be obeying, is lifted. The
// document is unsigned; `now_ns` numbers it.
[[nodiscard]] base::Result<std::string> draft_lift(const deployment::DeploymentFile& market,
                                                   const boost::json::object& wanted,
                                                   TimestampNs now_ns);
// What a lift's document says by itself; refuses one that is no lift, or is signed already.
[[nodiscard]] base::Result<web::ReadProposal> read_lift(std::string_view payload);
// With the approvals of a proposal, [{"operator", "signature"}], as gateways take it.
[[nodiscard]] base::Result<std::string> signed_lift(std::string_view payload,
                                                    const boost::json::array& approvals);

}  // namespace okiagari::cli
