#include "tests/simulation/simulated_gateway.h"

#include <algorithm>
#include <cstring>

namespace okiagari::simulation {
namespace {

template <typename Event>
Event read(base::Bytes event) {
  Event into{};
  std::memcpy(&into, event.data(), std::min(event.size(), sizeof into));
  return into;
}

}  // namespace

void SimulatedGateway::serve(Member& member) {
  if (!is_caught_up() || !world_.market_is_set_up) return;
  if (member.takes_login(false)) {
    const venue::Login login = member.login();
    submit(base::object_bytes(login));
  }
  forward(member, 0);
}

void SimulatedGateway::forward(Member& member, std::uint32_t from) {
  commands_.clear();
  member.write_commands(from, commands_);
  submit(commands_.view());
}

void SimulatedGateway::on_caught_up() {
  if (!world_.market_is_set_up) return;
  commands_.clear();
  for (Member& member : members_) {
    if (member.gateway() != endpoint_) continue;
    if (member.takes_login(true)) commands_.object(member.login());
    member.write_commands(1, commands_);
  }
  submit(commands_.view());
}

void SimulatedGateway::on_events_missed() {
  for (Member& member : members_) {
    if (member.gateway() == endpoint_) member.move_to(endpoint_);
  }
}

void SimulatedGateway::on_event(base::Bytes event, const venue::EventHeader& header) {
  const bool is_ours = header.gateway == endpoint_ - kNodes + 1 && header.session != 0 &&
                       header.session <= members_.size();
  if (!is_ours) return;
  Member& member = members_[header.session - 1U];
  if (header.type == venue::EventType::session_fenced) world_.tally.count(Branch::login_fenced);
  if (member.gateway() != endpoint_) return;
  if (header.session_number != 0) {
    member.told(event, header);
    return;
  }
  switch (header.type) {
    case venue::EventType::login_accepted: {
      const bool was_logged_in = member.is_logged_in();
      member.logged_in(read<venue::LoginAccepted>(event));
      if (!was_logged_in) serve(member);
      return;
    }
    case venue::EventType::login_refused:
      member.login_is_refused();
      return;
    case venue::EventType::session_fenced:
      member.fenced(read<venue::SessionFenced>(event).epoch);
      serve(member);
      return;
    case venue::EventType::stream_mark:
      member.decided(read<venue::StreamMark>(event).epoch, header.stream_number);
      return;
    case venue::EventType::stream_gap: {
      const auto gap = read<venue::StreamGap>(event);
      if (gap.epoch != member.epoch()) return;
      world_.tally.count(Branch::stream_gap);
      forward(member, gap.expected);
      return;
    }
    default:
      return;
  }
}

}  // namespace okiagari::simulation
