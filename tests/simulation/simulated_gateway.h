// A gateway as the venue sees it: logs the sessions of its members in, numbers their streams, sends
// everything that was not decided again, in order, after a change of leader, and forgets all of it
// when it is killed.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "tests/simulation/member.h"
#include "tests/simulation/subscriber.h"

namespace okiagari::simulation {

class SimulatedGateway final : public Subscriber {
 public:
  // `members` holds all of them by number of the session less one; those that are at this gateway
  // count.
  SimulatedGateway(World& world, Endpoint endpoint, std::vector<Member>& members)
      : Subscriber(world, endpoint), members_(members) {}

  // The member has something to send, or wants to be logged in.
  void serve(Member& member);

 private:
  void on_event(base::Bytes event, const venue::EventHeader& header) override;
  void on_caught_up() override;
  void on_events_missed() override;
  void forward(Member& member, std::uint32_t from);

  std::vector<Member>& members_;
  base::ByteWriter commands_;
};

}  // namespace okiagari::simulation
