// An operator's signing key as a file: Ed25519, readable by its owner only, sealed with a
// passphrase where that is wanted (argon2id, then XSalsa20-Poly1305). docs/formats/halt.md has the
// format.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/signature.h"

namespace okiagari::client {

struct KeyFile {
  std::string name;
  base::PublicKey public_key{};
  bool is_sealed = false;
};

// Draws a key and writes it; never over a file that is there. Without a passphrase the key lies in
// the file as it is.
[[nodiscard]] base::Result<KeyFile> make_key_file(const std::string& path, const std::string& name,
                                                  std::string_view passphrase);
// All but the secret.
[[nodiscard]] base::Result<KeyFile> read_key_file(const std::string& path);
// Refuses a key that others may read, and a passphrase that is not the one.
[[nodiscard]] base::Result<base::KeyPair> load_key(const std::string& path,
                                                   std::string_view passphrase);

}  // namespace okiagari::client
