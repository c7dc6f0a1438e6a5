// What the leading desk puts into its log from its files: contacts, templates of notices, channels,
// operators' keys. Each once for each content, so that a desk that begins to lead changes nothing.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "deployment/deployment_file.h"
#include "deployment/desk_secrets.h"
#include "deployment/desk_settings.h"
#include "desk/desk_port.h"

namespace okiagari::deployment {

// Reads the files. The error names the file and what is wrong; a desk does not start with it.
[[nodiscard]] base::Result<std::vector<desk::Entry>> configuration_entries(
    const DeskSettings& settings, const DeploymentFile& market, const DeskSecrets& secrets);

}  // namespace okiagari::deployment
