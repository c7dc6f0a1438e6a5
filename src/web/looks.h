// What people see of the desk: its state as documents. Nothing here changes anything.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string_view>

#include "desk/desk_port.h"
#include "net/http_message.h"

namespace okiagari::web {

[[nodiscard]] net::HttpResponse part_look(const desk::DeskPort& port, std::string_view word);
[[nodiscard]] net::HttpResponse picture_look(const desk::DeskPort& port);
// One incident with its evidence, playbook, halts and proposals.
[[nodiscard]] net::HttpResponse incident_look(const desk::DeskPort& port, std::string_view id);
// Items after the one given, oldest first, at most so many; `next` goes on from there. With
// `incident` only its own.
[[nodiscard]] net::HttpResponse timeline_look(const desk::DeskPort& port, std::string_view incident,
                                              std::uint64_t after, std::size_t most);
[[nodiscard]] net::HttpResponse notice_look(const desk::DeskPort& port, std::string_view id);
[[nodiscard]] net::HttpResponse promises_look(const desk::DeskPort& port);
[[nodiscard]] net::HttpResponse audit_look(const desk::DeskPort& port);
// Every item as a line of JSON; the chain in it can be checked without the desk.
[[nodiscard]] net::HttpResponse audit_export(const desk::DeskPort& port);
// Whom a halt would touch, from what the watch sees now.
[[nodiscard]] net::HttpResponse halt_preview(const desk::DeskPort& port,
                                             const boost::json::object& wanted);

}  // namespace okiagari::web
