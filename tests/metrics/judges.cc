#include "tests/metrics/judges.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

namespace okiagari::metrics {

std::string judge_path(const std::string& program) {
  std::string path = std::string(OKIAGARI_JUDGES) + "/" + program;
  return ::access(path.c_str(), X_OK) == 0 ? path : std::string();
}

Judgement check_by_promtool(const std::string& page, const std::string& folder) {
  const std::string file = folder + "/page";
  std::ofstream(file) << page;
  const std::string command =
      fmt::format("'{}' check metrics < '{}' 2>&1", judge_path("promtool"), file);
  Judgement judgement;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return judgement;
  std::array<char, 4096> part;
  while (std::size_t got = std::fread(part.data(), 1, part.size(), pipe)) {
    judgement.said.append(part.data(), got);
  }
  const int status = ::pclose(pipe);
  judgement.is_fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return judgement;
}

}  // namespace okiagari::metrics
