// People who may log in to a rehearsal market's desk: made with the market, with passwords that are
// drawn for it and lie in a file that only its owner may read.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "deployment/deployment_file.h"
#include "desk/new_account.h"

namespace okiagari::deployment {

// Draws people for a new market and writes the file; one that is there is left alone.
[[nodiscard]] base::Status make_people(const std::string& path, const DeploymentFile& market);
// Refuses a file that others may read.
[[nodiscard]] base::Result<std::vector<desk::NewAccount>> load_people(const std::string& path);

}  // namespace okiagari::deployment
