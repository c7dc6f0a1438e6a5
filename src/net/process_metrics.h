// What the kernel knows of this process, and what program it is.
#pragma once

#include <string_view>

#include "net/metrics.h"

namespace okiagari::net {

void write_process_metrics(MetricsWriter& writer);

}  // namespace okiagari::net
