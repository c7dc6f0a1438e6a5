// The gateway's part in halts that come to it directly: who is told, and the proof of where it took
// effect.
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "gateway/gateway.h"

namespace okiagari::gateway {

namespace json = boost::json;
namespace ouch = wire::ouch;

namespace {

constexpr std::uint64_t kHaltPollMs = 100;

ouch::GatewayHalt message_of(const HaltInForce& halt, char action) {
  ouch::GatewayHalt message;
  message.timestamp_ns = wire::since_midnight_ns(net::Loop::wall_ns());
  message.action = action;
  message.scope = static_cast<char>('0' + static_cast<int>(halt.scope));
  message.target = wire::alpha<8>(halt.target);
  message.number = halt.number;
  return message;
}

bool is_told(const HaltInForce& halt, const Session& session) {
  return halt.scope != venue::Scope::member || session.member == 0 ||
         session.member == wire::target_number(halt.target);
}

}  // namespace

void Gateway::poll_halts(std::uint64_t now_ms) {
  if (now_ms < next_halt_poll_ms_) return;
  next_halt_poll_ms_ = now_ms + kHaltPollMs;
  halts_.store_if_needed();
  halt_folder_.poll([this](const std::string& name, std::string_view text) {
    return hand_over_halt(text, options_.data_dir + "/halt/" + name);
  });
}

std::string Gateway::hand_over_halt(std::string_view text, const std::string& origin) {
  const std::uint64_t begin_ns = net::Loop::now_ns();
  const HaltGuard::Answer answer = halts_.hand_over(text, net::Loop::wall_ns());
  const std::uint64_t took_us = (net::Loop::now_ns() - begin_ns) / 1'000;
  spdlog::log(is_carried_out(answer.verdict) ? spdlog::level::warn : spdlog::level::err,
              "gateway {}: halt document from {}: {}: {}", options_.id, origin,
              name_of(answer.verdict), answer.text);
  if (answer.verdict == HaltVerdict::in_effect) tell_of_halt(halts_.halts().back(), 'H');
  if (answer.verdict == HaltVerdict::lifted && answer.lifted.since_ns != 0) {
    tell_of_halt(answer.lifted, 'T');
  }
  return halt_answer(answer, took_us);
}

void Gateway::tell_of_halt(const HaltInForce& halt, char action) {
  const ouch::GatewayHalt message = message_of(halt, action);
  for (const auto& session : sessions_) {
    if (session == nullptr || session->line == nullptr || session->epoch == 0) continue;
    if (is_told(halt, *session)) session->line->send_unsequenced(base::object_bytes(message));
  }
}

void Gateway::tell_of_halts(Session& session) const {
  for (const HaltInForce& halt : halts_.halts()) {
    if (!is_told(halt, session)) continue;
    session.line->send_unsequenced(base::object_bytes(message_of(halt, 'H')));
  }
}

// docs/formats/halt.md lists the fields.
std::string Gateway::halt_answer(const HaltGuard::Answer& answer, std::uint64_t took_us) const {
  json::object root{{"verdict", name_of(answer.verdict)},
                    {"carried_out", is_carried_out(answer.verdict)},
                    {"text", answer.text},
                    {"gateway", options_.id},
                    {"at_ns", net::Loop::wall_ns()},
                    {"took_us", took_us},
                    {"last_number", halts_.last_number()}};
  if (answer.was_read) {
    root["kind"] = answer.document.kind == wire::HaltKind::halt ? "halt" : "lift";
    root["number"] = answer.document.number;
    root["scope"] = wire::name_of(answer.document.scope);
    root["target"] = answer.document.target;
  }
  json::array halts;
  for (const HaltInForce& halt : halts_.halts()) {
    halts.push_back(json::object{{"number", halt.number},
                                 {"scope", wire::name_of(halt.scope)},
                                 {"target", halt.target},
                                 {"reason", halt.reason},
                                 {"since_ns", halt.since_ns}});
  }
  root["halts"] = std::move(halts);
  json::array sessions;
  for (const auto& session : sessions_) {
    if (session == nullptr || session->epoch == 0) continue;
    sessions.push_back(json::object{{"session", session->credential.session},
                                    {"name", session->credential.name},
                                    {"epoch", session->epoch},
                                    {"last_stream_number", session->last_stream_number},
                                    {"last_user_reference", session->last_order_reference}});
  }
  root["sessions"] = std::move(sessions);
  return json::serialize(root) + "\n";
}

}  // namespace okiagari::gateway
