// Rooms: recordings venue market wire base
// Files: cli/script_file.cc cli/script_run.cc cli/script_events.cc
// A script, read and carried out: any text ends in an error or in an outcome, and a script that is
// updated with what came has no differences any more.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "cli/script_file.h"
#include "cli/script_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto script = cli::parse_script(text);
  if (!script.ok() || script.value().steps.size() > 200) return 0;
  const auto outcome = cli::run_script("script", script.value());
  if (!outcome.ok()) return 0;
  for (std::size_t i = 0; i < script.value().steps.size(); ++i) {
    auto& expected = script.value().steps[i].expected;
    expected.clear();
    for (const std::string& line : outcome.value().came[i]) expected.push_back({0, line});
  }
  const auto again = cli::parse_script(cli::text_of(script.value()));
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  const auto second = cli::run_script("script", again.value());
  ASSERT(second.ok() && second.value().differences.empty());
  return 0;
}
