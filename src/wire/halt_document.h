// A signed order to stop, or to lift such a stop, as a text that travels by any way: a file, a
// link, a hand. It needs no cluster to be judged. docs/formats/halt.md defines it byte by byte; who
// obeys it is gateway/halt_guard.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/signature.h"
#include "venue/command.h"

namespace okiagari::wire {

inline constexpr std::uint32_t kHaltDocumentVersion = 1;
inline constexpr std::size_t kHaltDocumentBytesMax = 16u << 10;
inline constexpr std::size_t kHaltReasonBytesMax = 200;
inline constexpr std::size_t kHaltSignaturesMax = 8;
inline constexpr std::uint64_t kHaltNumberMax = (1ull << 53) - 1;  // exact in every JSON reader

enum class HaltKind : std::uint8_t { halt, lift };

struct HaltSignature {
  std::uint16_t operator_id = 0;
  base::Signature signature{};
};

struct HaltDocument {
  HaltKind kind = HaltKind::halt;
  std::uint64_t cluster = 0;
  std::uint64_t number = 0;  // rises over all documents of a cluster, halts and lifts
  venue::Scope scope = venue::Scope::market;
  std::string
      target;  // symbol of an instrument, number of a segment or member; none for the market
  std::string reason;                // for people
  std::uint64_t issued_at_s = 0;     // since the epoch
  std::uint64_t accept_until_s = 0;  // nobody need obey it who gets it later
  // Of a lift only: the number of the halt that it lifts, and what the proof says is whole.
  std::uint64_t lifts = 0;
  base::Digest proof{};
  std::vector<HaltSignature> signatures;
};

// Every field is bounded and must be there, no other may be. The error says what is wrong.
[[nodiscard]] base::Result<HaltDocument> parse_halt_document(std::string_view text);
[[nodiscard]] std::string to_json(const HaltDocument& document);
// Empty when to_json() of it can be parsed again.
[[nodiscard]] std::string fault_of(const HaltDocument& document);

// What is signed: the document without its signatures, one line for each field.
[[nodiscard]] std::string signed_text(const HaltDocument& document);
void sign_halt_document(HaltDocument& document, std::uint16_t operator_id,
                        const base::SecretKey& key);

[[nodiscard]] std::string_view name_of(venue::Scope scope);
[[nodiscard]] std::optional<venue::Scope> scope_of(std::string_view name);
// The number that a target of decimal digits means, 0 when it means none.
[[nodiscard]] std::uint16_t target_number(std::string_view target);

// "2026-11-26T00:27:02Z" and back.
[[nodiscard]] std::string utc_text(std::uint64_t seconds);
[[nodiscard]] std::optional<std::uint64_t> parse_utc(std::string_view text);

}  // namespace okiagari::wire
