// One notice: a set of facts in both languages, with its number in the incident (第N報), who wanted
// it, its signature and how it reached each channel.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "desk/words.h"

namespace okiagari::desk {

enum class NoticeState : std::uint8_t { draft, signing, released, rejected };
[[nodiscard]] std::string_view to_string(NoticeState state);

struct Delivery {
  std::string channel;            // "mail/s81f0...", "file", ...
  std::string state = "waiting";  // the outbox's words: done, unknown, given_up
  TimestampNs ended_ns = 0;
  std::string outcome;
};

struct Notice {
  std::string id;  // "inc-3/n2": the second that was drafted for inc-3, released or not
  std::string incident;
  std::string template_id;  // empty: written by hand
  std::string status;       // investigating, identified, monitoring, resolved, postmortem
  NoticeState state = NoticeState::draft;
  boost::json::object facts;  // the public record
  Words subject;
  Words text;
  std::string by;
  std::string approved_by;  // "template" when it was approved in advance
  TimestampNs drafted_ns = 0;
  TimestampNs issued_ns = 0;  // when it was approved; what the text says
  TimestampNs released_ns = 0;
  std::uint64_t number = 0;          // 第N報, from 1, given when it is approved
  std::uint64_t released_index = 0;  // of the entry that released it to all channels at once
  std::uint64_t previous = 0;        // number of the one before
  std::uint64_t supersedes = 0;      // number of the one it corrects; 0: none
  std::uint64_t superseded_by = 0;
  Words correction_reason;
  TimestampNs next_update_by_ns = 0;  // 0: none is promised
  std::string signed_text;            // what the signature is over, byte by byte
  std::string signature;              // hex; empty: released without one
  std::vector<Delivery> deliveries;
};
[[nodiscard]] boost::json::object to_json(const Notice& notice);

// The facts that the public may see, out of an incident's or a person's: everything else (names of
// members, evidence, hypotheses) stays inside.
[[nodiscard]] boost::json::object public_facts(const boost::json::object& body);

// Those of `added` over those of `base`, key by key.
[[nodiscard]] boost::json::object with_facts(boost::json::object base,
                                             const boost::json::object& added);

// The document that is signed and published: a few lines of "key: value", then both texts.
[[nodiscard]] std::string signed_text_of(const Notice& notice);

// Seconds between the first and the last channel that took it, rounded up; -1: none has yet.
[[nodiscard]] std::int64_t spread_s(const Notice& notice);

}  // namespace okiagari::desk
