#include <fmt/format.h>

#include "base/hash.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/operator_access.h"
#include "client/key_file.h"

namespace okiagari::cli {

namespace {

struct KeyOptions {
  std::string file;
  std::string name;
  std::string passphrase_file;
};

int print(const std::string& path, const client::KeyFile& key) {
  fmt::print(
      "{}\n  name       {}\n  public key {}\n  {}\n", path, key.name, base::to_hex(key.public_key),
      key.is_sealed ? "sealed with a passphrase" : "not sealed: who has the file has the key");
  return kExitHolds;
}

int run_new(const KeyOptions& options) {
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return failed(passphrase.error().message, kExitWrongUse);
  auto made = client::make_key_file(options.file, options.name, passphrase.value());
  if (!made) return failed(made.error().message);
  return print(options.file, made.value());
}

int run_show(const KeyOptions& options) {
  auto read = client::read_key_file(options.file);
  if (!read) return failed(read.error().message);
  return print(options.file, read.value());
}

}  // namespace

void add_key_command(Command app, const Exit& exit) {
  auto options = std::make_shared<KeyOptions>();
  const Command command = app.command("key", "Operators' signing keys");
  command.needs_command();
  const Command made = command.command("new", "Draw a key and write it to a new file");
  made.option("--name", options->name, "Whose it is").required();
  made.option("--out", options->file, "The file, which must not be there yet").required();
  made.option("--passphrase-file", options->passphrase_file,
              "Seal it with the first line of this file");
  set_action(made, exit, [options] { return run_new(*options); });
  const Command shown = command.command("show", "The public half of a key");
  shown.option("file", options->file, "The key's file").required();
  set_action(shown, exit, [options] { return run_show(*options); });
}

}  // namespace okiagari::cli
