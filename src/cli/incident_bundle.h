// Everything that an expert from outside needs of one incident, in one signed file: the desk's
// papers of it, and what the market's host knows. No secret leaves with it.
#pragma once

#include <string>

#include "base/result.h"
#include "base/signature.h"
#include "cli/bundle_sources.h"
#include "desk/desk_port.h"

namespace okiagari::cli {

// What the desk knows, taken at one place of its log.
struct IncidentPapers {
  std::string incident;
  BundleWindow window;  // of the logs
  SignedBundle bundle;  // begun with the papers
};
[[nodiscard]] base::Result<IncidentPapers> take_papers(const desk::DeskPort& port,
                                                       const std::string& incident);

// Adds what the host knows, takes secrets out, signs and packs. Takes seconds.
[[nodiscard]] base::Result<std::string> finish_bundle(IncidentPapers papers,
                                                      const std::string& market_folder,
                                                      const base::KeyPair& key);

}  // namespace okiagari::cli
