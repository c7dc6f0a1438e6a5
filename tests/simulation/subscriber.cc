#include "tests/simulation/subscriber.h"

#include <cstring>

namespace okiagari::simulation {

void Subscriber::start() {
  is_running_ = true;
  leader_ = kNobody;
  leader_term_ = 0;
  is_caught_up_ = false;
  last_event_ = 0;
  world_.network.start(endpoint_);
}

void Subscriber::stop() {
  is_running_ = false;
  is_caught_up_ = false;
  world_.network.stop(endpoint_, false);
}

void Subscriber::receive(const Happening& message) {
  switch (message.what) {
    case What::status:
      on_status(message.from, message.first, message.second != 0);
      return;
    case What::link_ended:
      world_.verdict.trace("gateway {} lost node {}", endpoint_ + 1, message.from + 1);
      if (message.from != leader_) return;
      leader_ = kNobody;
      is_caught_up_ = false;
      return;
    case What::events:
      if (message.from == leader_) take_events(message.first);
      return;
    case What::caught_up:
      if (message.from != leader_) return;
      world_.verdict.trace("gateway {} caught up with node {}", endpoint_ + 1, message.from + 1);
      take_events(message.first);
      is_caught_up_ = true;
      on_caught_up();
      return;
    case What::refused:
      if (message.from != leader_) return;
      world_.tally.count(Branch::subscribe_refused);
      last_event_ = message.first - 1;
      on_events_missed();
      subscribe();
      return;
    default:
      return;
  }
}

void Subscriber::on_status(Endpoint node, std::uint64_t term, bool open) {
  if (!open) {
    if (node != leader_ || term < leader_term_) return;
    leader_ = kNobody;
    is_caught_up_ = false;
    return;
  }
  const bool is_known = node == leader_ && term == leader_term_;
  if (is_known || term < leader_term_) return;
  if (leader_term_ != 0 && term > leader_term_) world_.tally.count(Branch::leader_changed);
  leader_ = node;
  leader_term_ = term;
  is_caught_up_ = false;
  subscribe();
}

void Subscriber::subscribe() {
  world_.network.send(endpoint_, leader_, world_.agenda.now_us(),
                      {.what = What::subscribe, .first = last_event_});
}

void Subscriber::take_events(std::uint64_t through) {
  while (last_event_ < through) {
    const base::Bytes event = world_.history.events().event(++last_event_);
    venue::EventHeader header;
    std::memcpy(&header, event.data(), sizeof header);
    on_event(event, header);
  }
}

void Subscriber::submit(base::Bytes commands) {
  if (!is_caught_up_ || commands.empty()) return;
  world_.network.send(endpoint_, leader_, world_.agenda.now_us(),
                      {.what = What::submit, .buffer = world_.agenda.keep(commands)});
}

}  // namespace okiagari::simulation
