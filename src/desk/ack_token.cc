#include "desk/ack_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/hash.h"

namespace okiagari::desk {

namespace {

constexpr std::size_t kTokenBytesMax = 512;
constexpr std::size_t kNameBytesMax = 100;
constexpr char kBetween = '~';

// What the hash covers also says what it is for: a hash made for anything else never fits.
base::Digest hash_of(std::string_view claim, const AckKey& key) {
  const std::string message = "okiagari acknowledgement 1\n" + std::string(claim);
  return base::keyed_digest(key, base::as_bytes(message));
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

// Only as it is written: no sign, no zero before it.
template <typename Integer>
bool read_number(std::string_view text, Integer& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() &&
         text[0] != '-' && (text[0] != '0' || text.size() == 1);
}

}  // namespace

std::string make_ack_token(const AckClaim& claim, const AckKey& key) {
  ASSERT(is_name(claim.incident) && is_name(claim.person), "no token can name '{}' and '{}'",
         claim.incident, claim.person);
  const std::string text =
      fmt::format("{}~{}~{}~{}", claim.incident, claim.step, claim.person, claim.expires_s);
  return fmt::format("{}~{}", text, base::to_hex(hash_of(text, key)));
}

base::Result<AckClaim> read_ack_token(std::string_view token, const AckKey& key,
                                      std::int64_t now_s) {
  const base::Error broken{"this link is not complete: open it as it stands in the message"};
  if (token.size() > kTokenBytesMax) return broken;
  const std::size_t last = token.rfind(kBetween);
  if (last == std::string_view::npos) return broken;
  std::string_view rest = token.substr(0, last);
  base::Digest said;
  const std::string_view hex = token.substr(last + 1);
  if (std::any_of(hex.begin(), hex.end(), [](char c) { return c >= 'A' && c <= 'F'; }) ||
      !base::from_hex(hex, said) || !base::equal_constant_time(said, hash_of(rest, key))) {
    return broken;
  }
  std::vector<std::string_view> fields;
  for (std::size_t at = rest.find(kBetween); at != std::string_view::npos;
       at = rest.find(kBetween)) {
    fields.push_back(rest.substr(0, at));
    rest.remove_prefix(at + 1);
  }
  fields.push_back(rest);
  AckClaim claim;
  if (fields.size() != 4 || !is_name(fields[0]) || !is_name(fields[2]) ||
      !read_number(fields[1], claim.step) || !read_number(fields[3], claim.expires_s)) {
    return broken;
  }
  claim.incident = fields[0];
  claim.person = fields[2];
  if (now_s >= claim.expires_s) {
    return base::Error{"this link is too old: log in to the desk to acknowledge"};
  }
  return claim;
}

}  // namespace okiagari::desk
