#include "client/act_submission.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "client/operator_link.h"

namespace okiagari::client {

namespace {

struct Act {
  std::uint64_t cluster = 0;
  base::Bytes command;
  venue::CommandType type{};
  std::uint64_t control_number = 0;
};

class Submission {
 public:
  Submission(net::Loop& loop, const net::Endpoint& leader, const Act& act) : act_(act) {
    OperatorLink::Handlers handlers;
    handlers.on_connected = [this] { link_->greet(act_.cluster); };
    handlers.on_status = [this](const wire::NodeStatus& status) {
      if (!std::exchange(has_subscribed_, true)) link_->subscribe(status.last_event);
    };
    handlers.on_caught_up = [this] { link_->submit(act_.command); };
    handlers.on_event = [this](const venue::EventHeader& event) { take(event); };
    handlers.on_refused = [this](venue::CommandType, const std::string& reason) {
      refused = reason;
    };
    handlers.on_lost = [this](const std::string& reason) { lost = reason; };
    link_ = std::make_unique<OperatorLink>(loop, leader, std::move(handlers));
  }

  std::optional<ActResult> result;
  std::string lost;
  std::string refused;

 private:
  // Answers to others' commands come here too.
  void take(const venue::EventHeader& event) {
    if (event.type != venue::EventType::control_result) return;
    const auto& told = reinterpret_cast<const venue::ControlResult&>(event);
    if (told.command != act_.type || told.number != act_.control_number) return;
    result = ActResult{.reason = told.reason,
                       .affected = told.affected,
                       .sequence = told.sequence,
                       .event = event.event_number,
                       .timestamp_ns = event.timestamp_ns};
  }

  const Act& act_;
  bool has_subscribed_ = false;
  std::unique_ptr<OperatorLink> link_;
};

base::Result<ActResult> submit(const net::Endpoint& leader, const Act& act,
                               std::uint64_t timeout_ms) {
  net::Loop loop;
  Submission submission(loop, leader, act);
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  const auto is_over = [&] {
    return submission.result || !submission.lost.empty() || !submission.refused.empty();
  };
  while (!is_over() && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  if (submission.result) return *submission.result;
  if (!submission.refused.empty()) {
    return base::Error{fmt::format("the leader does not take it: {}", submission.refused)};
  }
  return base::Error{fmt::format(
      "the leader at {} did not answer: {}; the same act may be submitted again",
      net::to_string(leader), submission.lost.empty() ? "no answer in time" : submission.lost)};
}

template <typename Act>
base::Result<ActResult> submit_command_of(const Act& act, const net::Endpoint& leader,
                                          std::uint64_t timeout_ms) {
  return submit(leader,
                {act.cluster, base::object_bytes(act.command), decltype(act.command)::kType,
                 act.command.control_number},
                timeout_ms);
}

}  // namespace

base::Result<ActResult> submit_act(const net::Endpoint& leader, const MarketAct& act,
                                   std::uint64_t timeout_ms) {
  return submit_command_of(act, leader, timeout_ms);
}

base::Result<ActResult> submit_plan(const net::Endpoint& leader, const PlanAct& act,
                                    std::uint64_t timeout_ms) {
  return submit_command_of(act, leader, timeout_ms);
}

base::Result<ActResult> submit_day_end(const net::Endpoint& leader, const DayEndAct& act,
                                       std::uint64_t timeout_ms) {
  return submit_command_of(act, leader, timeout_ms);
}

}  // namespace okiagari::client
