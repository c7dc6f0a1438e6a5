// What a gateway knows of one session. All of it can be lost: the venue's log has the truth, and a
// member that logs in anywhere gets it from there.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/bytes.h"
#include "base/types.h"
#include "gateway/credentials.h"
#include "wire/big_endian.h"

namespace okiagari::gateway {

class MemberLine;

struct Session {
  Credential credential;
  MemberId member = 0;         // 0 until the venue has told
  std::uint64_t messages = 0;  // of the member, since this gateway's start
  wire::Alpha<4> firm = wire::alpha<4>("");
  MemberLine* line = nullptr;  // the member, when it is connected

  // The log-in under way, which waits in the stream of undecided commands; 0 when there is none.
  std::uint64_t nonce = 0;
  std::uint64_t login_deadline_ms = 0;  // 0: the member has given up or was answered
  std::uint64_t requested_number = 0;

  // The epoch that is ours, 0 when there is none, and its stream to the venue.
  std::uint32_t epoch = 0;
  std::uint32_t last_stream_number = 0;
  std::uint32_t decided_stream_number = 0;
  std::uint32_t gap_expected = 0;  // last gap that was answered, with its time
  std::uint64_t gap_answered_ms = 0;
  std::uint64_t absent_since_ms = 0;  // 0: present, or not ours
  bool is_logging_out = false;

  // The stream to the member.
  std::uint32_t next_number = 1;
  std::uint32_t next_user_reference = 1;
  std::uint32_t last_order_reference = 0;  // the last that was taken here in this epoch; 0: none

  // History is being fetched up to replay_end; what comes live meanwhile is held back.
  bool is_replaying = false;
  bool history_asked = false;
  std::uint32_t history_request = 0;
  std::uint64_t history_asked_ms = 0;
  std::uint32_t history_asked_from = 0;
  std::uint32_t replay_end = 0;
  base::ByteWriter held;

  // Account queries, each answered when everything before it is decided and sent: the stream
  // numbers to wait for.
  std::deque<std::uint32_t> queries;

  // Token bucket of new orders and replaces, in thousandths.
  std::uint64_t tokens_milli = 0;
  std::uint64_t tokens_filled_ms = 0;
};

}  // namespace okiagari::gateway
