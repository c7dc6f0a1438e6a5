// A desk as a process: its replica of the desk's log with everything that is attached to it. What
// sees, thinks, calls, halts and serves pages meets here and nowhere else.
#pragma once

#include <atomic>
#include <memory>

#include "base/result.h"
#include "deployment/desk_settings.h"

namespace okiagari::cli {

class DeskProcess {
 public:
  // Errors name the file or address and what to do.
  static base::Result<std::unique_ptr<DeskProcess>> open(deployment::DeskSettings settings,
                                                         std::string data_folder);
  ~DeskProcess();

  // Until it is told to stop; hands leadership over first.
  base::Status run(const std::atomic<bool>& stop_asked);

 private:
  struct Parts;
  explicit DeskProcess(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace okiagari::cli
