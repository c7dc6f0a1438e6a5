// What came of holding a recording to what it says of itself: the verdict, and the same orders as
// flow for a market that runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"
#include "recordings/flow_file.h"

namespace okiagari::recordings {

struct HoldOptions {
  std::string path;
  bool keeps_flow = false;
  std::function<void(std::uint64_t records)> progress;  // every 10,000
};

struct HeldRecording {
  base::Report report;
  Flow flow;
  std::string first_mismatch;  // in words, empty when there is none
};

// Errors are about the files.
using Hold = base::Result<HeldRecording> (*)(const HoldOptions& options);

}  // namespace okiagari::recordings
