// Brings the outbox's effects to those who carry them out, on the leader only, and their fates back
// into the log.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "desk/outbox.h"
#include "desk/replicated_desk.h"

namespace okiagari::desk {

// Somebody who carries out effects of some kinds. Every effect that is given to it comes back once
// by one of the reports, from the loop's thread.
class Hands {
 public:
  struct Reports {
    // Only for effects that must not be repeated: `go_on` is called when it is in the log, with
    // false when it must not happen (leadership was lost).
    std::function<void(const std::string& key, std::function<void(bool)> go_on)> begun;
    std::function<void(const std::string& key, std::string outcome, boost::json::object answer)>
        done;
    std::function<void(const std::string& key, std::string outcome, bool permanent)> failed;
    // Only for effects that must not be repeated: it may have arrived, and nobody can say.
    std::function<void(const std::string& key, std::string outcome)> unknown;
  };
  virtual ~Hands() = default;
  [[nodiscard]] virtual bool takes(std::string_view kind) const = 0;
  virtual void carry_out(const Effect& effect, const Reports& reports) = 0;
};

class Dispatcher {
 public:
  // What may be under way at once; the rest waits in the outbox.
  static constexpr std::size_t kUnderWayMax = 256;

  // `desk` is borrowed.
  explicit Dispatcher(ReplicatedDesk& desk);
  // Borrowed, for as long as this lives.
  void add(Hands& hands) { hands_.push_back(&hands); }

  // Gives out what is ready.
  void end_turn(TimestampNs wall_ns);
  // What was under way is no longer this desk's.
  void stop() { under_way_.clear(); }

 private:
  void report(std::string what, boost::json::object body, DeskPort::OnAnswer on_answer = nullptr);

  ReplicatedDesk& desk_;
  std::vector<Hands*> hands_;
  std::set<std::string, std::less<>> under_way_;
  Hands::Reports reports_;
};

}  // namespace okiagari::desk
