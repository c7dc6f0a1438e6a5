// A venue in this process, without log, sockets or clock: every command is a batch of its own, its
// events come back at once. For whatever plays a file through the state machine itself. Two
// operators exist, and approve what they are asked to.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "venue/venue.h"

namespace okiagari::recordings {

class LocalVenue {
 public:
  // The event is valid until the call returns.
  using OnEvent = std::function<void(const venue::EventHeader& event)>;
  explicit LocalVenue(OnEvent on_event);

  // Of all commands from now on.
  void set_time(TimestampNs time_ns) { time_ns_ = time_ns; }

  // What is listed and who is there is numbered from 1, as the venue wants it.
  InstrumentId list(std::string_view symbol, PriceTicks low = 1, PriceTicks high = kMaxPriceTicks);
  MemberId add_member(std::string_view firm);
  // A session of the member, logged in, with an account of its own that has more of everything than
  // it can use.
  SessionId add_session(MemberId member);

  // Once more, as a gateway does after its member came back: the epoch before is over.
  void log_in(SessionId session);

  template <typename Command>
  void apply(Command command) {
    stamp(command);
    apply_bytes(base::object_bytes(command));
  }
  // With the next number of the session's stream.
  template <typename Command>
  void apply_from(SessionId session, Command command) {
    Stream& stream = streams_.at(session);
    apply_from(session, stream.epoch, stream.next_number++, command);
  }
  template <typename Command>
  void apply_from(SessionId session, std::uint32_t epoch, std::uint32_t stream_number,
                  Command command) {
    command.header.session = session;
    command.header.gateway = kGateway;
    command.header.epoch = epoch;
    command.header.stream_number = stream_number;
    apply(command);
  }
  // An act of market control with its number and as many approvals as asked for.
  template <typename Control>
  void control(Control control, int approvals = 2) {
    stamp(control);
    control.control_number = ++control_number_;
    approve(control.approvals, venue::approval_digest(base::object_bytes(control)), approvals);
    apply(control);
  }

  [[nodiscard]] std::uint32_t epoch(SessionId session) const { return streams_.at(session).epoch; }
  [[nodiscard]] std::uint32_t last_stream_number(SessionId session) const {
    return streams_.at(session).next_number - 1;
  }
  [[nodiscard]] const venue::Venue& venue() const { return venue_; }

 private:
  static constexpr GatewayId kGateway = 1;
  struct Stream {
    std::uint32_t epoch = 0;
    std::uint32_t next_number = 1;
  };

  template <typename Command>
  static void stamp(Command& command) {
    command.header.size_bytes = sizeof(Command);
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
  }
  static void approve(std::array<venue::Approval, 2>& into, const base::Digest& act, int approvals);
  void apply_bytes(base::Bytes command);
  void endow(AccountId account, InstrumentId asset);

  venue::Venue venue_{venue::Limits{}};
  OnEvent on_event_;
  TimestampNs time_ns_ = 1;
  InstrumentId instruments_ = 0;
  MemberId members_ = 0;
  std::vector<Stream> streams_{1};  // by session
  std::uint64_t log_ins_ = 0;
  std::uint64_t control_number_ = 0;
  base::ByteWriter batch_;
  base::ByteWriter events_;
};

}  // namespace okiagari::recordings
