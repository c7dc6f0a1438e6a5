// Whose keys sign a command, and which operator of the market each of them is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/signature.h"
#include "cli/command_line.h"
#include "cli/secret_input.h"
#include "deployment/market_nodes.h"

namespace okiagari::cli {

struct Signer {
  std::uint16_t operator_id = 0;
  std::string name;
  base::KeyPair keys{};
};

struct OperatorAccess {
  std::vector<std::string> key_files;
  std::string passphrase_file;
  std::string operators_file;

  void add_to(Command command);
  // One for each key, in the order given. Operators are those of `operators_file`, else of the
  // market's folder.
  [[nodiscard]] base::Result<std::vector<Signer>> signers(const std::string& market_folder) const;
};

}  // namespace okiagari::cli
