// An address in a configuration file.
#pragma once

#include <optional>
#include <string_view>

#include "base/settings.h"
#include "net/tcp.h"

namespace okiagari::net {

// A text "host:port", as Settings reads its other kinds: says whether it was there and good.
bool read_endpoint(base::Settings& from, std::string_view key, Endpoint& into,
                   base::Settings::Presence presence = base::Settings::Presence::optional);
// One that may be left out.
bool read_endpoint(base::Settings& from, std::string_view key, std::optional<Endpoint>& into);

}  // namespace okiagari::net
