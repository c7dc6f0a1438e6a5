// What of a journal the history checker's model cannot predict: which orders were refused for want
// of funds. Found by carrying the journal out once more with the venue itself.
#pragma once

#include "check/journal_file.h"
#include "check/market_model.h"

namespace okiagari::cli {

// Of a journal from its first entry on; empty for one that begins later.
[[nodiscard]] check::FundsRefusals funds_refusals(const check::Journal& journal);

}  // namespace okiagari::cli
