// The certificates of a market's links as files of one folder, market/certificates: the
// authority's, whose key is needed only to issue others and belongs on no server, and one pair for
// each process.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "net/link_identity.h"

namespace okiagari::deployment {

// Of a market made for rehearsal; those of one that runs for years are issued anew by their owner.
inline constexpr std::uint32_t kLinkDays = 397;
inline constexpr std::uint32_t kAuthorityDays = 3'653;

[[nodiscard]] net::LinkIdentityFiles link_files(const std::string& market_folder,
                                                const std::string& name);
// A new authority; refuses to replace one, whose certificates would then be worth nothing.
[[nodiscard]] base::Status make_link_folder(const std::string& market_folder,
                                            const std::string& authority_name);
// Takes the place of the pair that was there: processes use it for their next connections.
[[nodiscard]] base::Status issue_link_files(const std::string& market_folder,
                                            const std::string& name, std::uint32_t valid_days);

}  // namespace okiagari::deployment
