// Carries effects out of the house: mail, webhooks, pagers, sirens. Its own thread does the
// waiting, so that a receiver that hangs costs the desk nothing and other receivers little; reports
// come back in the loop's thread.
//
// A mail must not be sent twice. Its last bytes are held back until the desk has it in its log that
// it was begun: a leader that dies before has sent nothing, and after that the mail is never sent
// again. What a server answers is known; a connection that breaks between the last bytes and the
// answer leaves the mail's fate unknown, and it is reported so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "desk/courier_settings.h"
#include "desk/dispatcher.h"
#include "net/loop.h"

namespace okiagari::desk {

class CourierThread;

class Courier final : public Hands {
 public:
  // `loop` is borrowed. An error is of the system: no descriptor, no thread.
  static base::Result<std::unique_ptr<Courier>> open(net::Loop& loop, CourierSettings settings);
  // What is under way is cut off and not reported.
  ~Courier() override;

  [[nodiscard]] bool takes(std::string_view kind) const override;
  void carry_out(const Effect& effect, const Reports& reports) override;

 private:
  struct LoopSide;
  explicit Courier(CourierSettings settings);
  void await_events();
  void take_events();

  CourierSettings settings_;
  std::unique_ptr<LoopSide> loop_side_;
  std::unique_ptr<CourierThread> thread_;
  std::map<std::string, Reports, std::less<>> under_way_;  // by key
};

}  // namespace okiagari::desk
