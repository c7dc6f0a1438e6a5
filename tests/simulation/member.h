// A member with one session, for whom the market must keep its promises: he numbers his orders,
// keeps what has not been answered, sends it again, in order, wherever he is logged in next, and
// counts the messages of his session. His orders are random, of every kind that there is, some of
// them mistakes on purpose: repeats and jumped numbers.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/random.h"
#include "tests/simulation/world.h"
#include "venue/command.h"
#include "venue/event.h"

namespace okiagari::simulation {

inline constexpr InstrumentId kInstruments = 3;
inline constexpr PriceTicks kLowLimit = 500;
inline constexpr PriceTicks kHighLimit = 1'500;

class Member {
 public:
  Member(World& world, SessionId session);

  // Makes orders, if he still has any to make and not too many are unanswered.
  void act();
  // Everything that he wanted was sent and decided, and he was told all that there is to tell.
  [[nodiscard]] bool is_satisfied() const;
  [[nodiscard]] std::string describe() const;

  [[nodiscard]] SessionId session() const { return session_; }
  [[nodiscard]] Endpoint gateway() const { return gateway_; }
  [[nodiscard]] bool is_logged_in() const { return epoch_ != 0; }

  // Leaves the gateway, and wants to be logged in at that one; a new log-in has a new nonce.
  void move_to(Endpoint gateway);
  [[nodiscard]] venue::Login login() const;
  // The log-in was accepted: he reads what he missed and numbers anew what is still unanswered.
  void logged_in(const venue::LoginAccepted& accepted);
  void login_is_refused() { login_sent_ = false; }
  // Whether the gateway should send the log-in now; it is then taken as sent.
  [[nodiscard]] bool takes_login(bool again);

  // Appends what is to be sent: with a number from `from` on, or (0) what was not sent before.
  void write_commands(std::uint32_t from, base::ByteWriter& into);

  // Events of his session, from his gateway.
  void told(base::Bytes event, const venue::EventHeader& header);
  void decided(std::uint32_t epoch, std::uint32_t through);
  void fenced(std::uint32_t epoch);
  [[nodiscard]] std::uint32_t epoch() const { return epoch_; }

 private:
  struct Command {
    std::array<std::byte, 80> bytes{};
    std::uint16_t size_bytes = 0;
    std::uint32_t user_reference = 0;  // that it takes; 0: none
    std::uint32_t stream_number = 0;
    bool is_repeat = false;
  };

  void make_command();
  void make_order(std::uint32_t user_reference);
  void make_stop(std::uint32_t user_reference);
  void make_trailing(const venue::NewStop& stop);
  void make_stop_replacement(std::uint32_t user_reference);
  void make_replacement(std::uint32_t user_reference);
  void make_cancel();
  void make_mass_cancel(std::uint32_t user_reference);
  void make_repeat();
  template <typename Body>
  void keep(Body body, std::uint32_t user_reference);
  [[nodiscard]] std::uint32_t recent_reference();
  void note_stop(std::uint32_t user_reference);
  // Of one of his last stops; it may have gone or be cancelled by now.
  [[nodiscard]] std::uint32_t recent_stop();
  struct Validity {
    std::uint8_t time_in_force = 0;
    std::uint16_t last_day = 0;
  };
  [[nodiscard]] Validity draw_lasting();
  template <typename Replacement>
  void draw_validity(Replacement& replacement);
  [[nodiscard]] std::uint64_t draw_distance_e4();
  [[nodiscard]] std::uint64_t draw_price_e4() { return 100 * random_.between(990, 1010); }
  void take_message(base::Bytes event, const venue::EventHeader& header, bool is_replay);
  void strike(std::uint32_t user_reference);

  World& world_;
  SessionId session_;
  Random random_;
  Endpoint gateway_;
  std::uint64_t nonce_;
  bool login_sent_ = false;
  std::uint32_t epoch_ = 0;
  std::uint32_t next_stream_number_ = 1;
  std::uint32_t sent_through_ = 0;  // stream number
  std::uint32_t next_user_reference_ = 1;
  std::uint32_t jumped_reference_ = 0;
  std::uint32_t next_session_number_ = 1;
  std::uint32_t commands_left_;
  std::deque<Command> unanswered_;
  Command last_order_;
  std::array<std::uint32_t, 8> stops_{};  // user references of the last ones, in turn
  std::size_t stops_made_ = 0;
};

}  // namespace okiagari::simulation
