// Makes the certificates of a market's links: an authority of its own, and one for each process.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace okiagari::net {

struct LinkCertificate {
  std::string certificate_pem;
  std::string key_pem;  // a secret, without a password
};

// A new authority that can sign for processes, and for nothing else. `name` is for people to read.
[[nodiscard]] base::Result<LinkCertificate> make_link_authority(const std::string& name,
                                                                std::uint32_t valid_days);

// For the process called `name`, as link_name() has it. Valid from an hour ago, for clocks that
// are behind, and no longer than its authority.
[[nodiscard]] base::Result<LinkCertificate> issue_link_certificate(const LinkCertificate& authority,
                                                                   const std::string& name,
                                                                   std::uint32_t valid_days);

}  // namespace okiagari::net
