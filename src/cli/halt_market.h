// A halt by way of the cluster: asking a node whom it would hit, giving it to the leader, and
// showing where it took effect.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/halt_request.h"

namespace okiagari::cli {

// The answer of whichever node gives one, followers first: a JSON object.
[[nodiscard]] base::Result<std::string> ask_preview(const deployment::MarketNodesOptions& nodes,
                                                    const wire::PreviewRequest& request);
void print_preview(const std::string& preview);

// The act that was asked for, with the signatures of the keys that were given.
[[nodiscard]] base::Result<client::MarketAct> make_market_act(const HaltRequest& request,
                                                              bool is_lift);
// Submits, prints; the exit status.
[[nodiscard]] int carry_out(const deployment::MarketNodesOptions& nodes,
                            const client::MarketAct& act);

}  // namespace okiagari::cli
