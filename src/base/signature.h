// Ed25519 (RFC 8032), by libsodium: approvals of market control and signed halts.
#pragma once

#include <array>

#include "base/bytes.h"

namespace okiagari::base {

using PublicKey = std::array<std::byte, 32>;
using SecretKey = std::array<std::byte, 64>;
using Signature = std::array<std::byte, 64>;

struct KeyPair {
  PublicKey public_key;
  SecretKey secret_key;
};

// A pair made of a 32-byte seed; the same seed gives the same pair.
[[nodiscard]] KeyPair key_pair_from_seed(const std::array<std::byte, 32>& seed);
[[nodiscard]] Signature sign(Bytes message, const SecretKey& key);
[[nodiscard]] bool verify_signature(Bytes message, const Signature& signature,
                                    const PublicKey& key);

}  // namespace okiagari::base
