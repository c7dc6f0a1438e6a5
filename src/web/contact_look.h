// Whom the desk would call: the contact tree that is in its log, who is on duty, what is wrong with
// it, and a dry run, which calls nobody.
#pragma once

#include "desk/desk_port.h"
#include "net/http_message.h"

namespace okiagari::web {

[[nodiscard]] net::HttpResponse contact_look(const desk::DeskPort& port, TimestampNs now_ns);
// From that instant on, if every route works and nobody answers.
[[nodiscard]] net::HttpResponse contact_dry_run(const desk::DeskPort& port, std::uint64_t severity,
                                                TimestampNs start_ns);

}  // namespace okiagari::web
