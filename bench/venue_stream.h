// A neutral stream as commands of sixteen sessions of a venue, each with enough of everything.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/types.h"
#include "bench/neutral_stream.h"
#include "venue/batch_writer.h"

namespace okiagari::bench {

inline constexpr std::uint16_t kSessions = 16;
inline constexpr GatewayId kGateway = 1;
inline constexpr std::uint32_t kTickE4 = 1;
inline constexpr TimestampNs kStart_ns = 1'767'225'600'000'000'000;  // the stream's day

// Instruments 1 to `symbols`, and of each session's number a member, an account and a session,
// logged in.
void add_market(std::uint16_t symbols, venue::BatchWriter& batch);

// Gives every order of the stream a session and a number there. Buyers and sellers are different
// members, so that self-trade prevention is asked at every fill and never strikes.
class Sender {
 public:
  explicit Sender(std::uint64_t orders) : references_(orders + 1) {}

  void send(const StreamRecord& record, venue::BatchWriter& batch);

  [[nodiscard]] std::uint64_t id_of(SessionId session, std::uint32_t user_reference) const {
    return ids_[session][user_reference - 1];
  }

 private:
  std::array<std::uint32_t, kSessions + 1> stream_numbers_{};
  std::array<std::vector<std::uint32_t>, kSessions + 1> ids_;
  std::vector<std::uint32_t> references_;
};

}  // namespace okiagari::bench
