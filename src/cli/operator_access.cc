#include "cli/operator_access.h"

#include <fmt/format.h>

#include "cli/command_line.h"
#include "client/key_file.h"
#include "wire/operator_keys.h"

namespace okiagari::cli {

void OperatorAccess::add_to(Command command) {
  command.option("--key", key_files, "A signer's key file; once for each signer");
  command.option("--passphrase-file", passphrase_file,
                 "Opens sealed keys with the first line of this file");
  command.option("--operators", operators_file,
                 "Operators' public keys (docs/gateway.md), instead of the market's own");
}

base::Result<std::vector<Signer>> OperatorAccess::signers(const std::string& market_folder) const {
  if (key_files.empty()) return std::vector<Signer>{};
  auto passphrase = read_passphrase(passphrase_file);
  if (!passphrase) return passphrase.error();
  const std::string path =
      operators_file.empty() ? market_folder + "/operators.toml" : operators_file;
  auto operators = wire::OperatorKeys::load(path);
  if (!operators) return operators.error();
  std::vector<Signer> signers;
  for (const std::string& file : key_files) {
    auto keys = client::load_key(file, passphrase.value());
    if (!keys) return keys.error();
    const wire::OperatorKey* known = operators.value().find(keys.value().public_key);
    if (known == nullptr) {
      return base::Error{fmt::format("{}: is the key of no operator in {}", file, path)};
    }
    signers.push_back({known->id, known->name, keys.value()});
  }
  return signers;
}

}  // namespace okiagari::cli
