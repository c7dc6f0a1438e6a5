#include "check/session_history.h"

namespace okiagari::check {
namespace {

Answered read_answer(const HistoryRecord& record) {
  Answered answered{record.time_ns, record.bytes, {}, false};
  answered.is_readable = decode_ouch(record.bytes, answered.answer);
  return answered;
}

void take_sent(SessionHistory& session, const HistoryRecord& record) {
  Sent sent;
  sent.time_ns = record.time_ns;
  sent.message = record.bytes;
  if (record.bytes.size() >= 9) {
    sent.type = static_cast<char>(record.bytes[0]);
    sent.user_reference = base::load_big<std::uint32_t>(&record.bytes[sent.type == 'U' ? 5 : 1]);
  }
  session.sent.push_back(sent);
}

// Null when there is no such message.
Sent* find_sent(SessionHistory& session, std::uint64_t number) {
  return number == 0 || number > session.sent.size() ? nullptr : &session.sent[number - 1];
}

void take_about_sent(SessionHistory& session, const HistoryRecord& record) {
  Sent* sent = find_sent(session, record.number);
  if (sent == nullptr) return;
  if (record.event == HistoryEvent::sent_again) ++sent->times_again;
  if (record.event == HistoryEvent::refused) sent->refused = true;
  if (record.event == HistoryEvent::gave_up) sent->gave_up = true;
}

void take_of_session(SortedHistory& sorted, const HistoryRecord& record) {
  SessionHistory& session = sorted.sessions[record.source];
  switch (record.event) {
    case HistoryEvent::sent:
      return take_sent(session, record);
    case HistoryEvent::sent_again:
    case HistoryEvent::refused:
    case HistoryEvent::gave_up:
      return take_about_sent(session, record);
    case HistoryEvent::begun:
      session.first_user_reference = static_cast<std::uint32_t>(record.number);
      return;
    case HistoryEvent::answered:
      session.live.push_back(read_answer(record));
      return;
    case HistoryEvent::connection_lost:
      for (Sent& sent : session.sent) sent.connection_lost = true;
      return;
    case HistoryEvent::replay_begins:
      session.replays.emplace_back();
      return;
    case HistoryEvent::replayed:
      if (session.replays.empty()) session.replays.emplace_back();
      session.replays.back().push_back(read_answer(record));
      return;
    case HistoryEvent::replay_failed:
      sorted.failed_replays[record.source] = base::as_text(record.bytes);
      return;
    default:
      return;
  }
}

}  // namespace

SortedHistory sort_history(const History& history) {
  SortedHistory sorted;
  for (std::size_t at = 0; at < history.size(); ++at) {
    const HistoryRecord record = history[at];
    switch (record.event) {
      case HistoryEvent::feed:
        sorted.feed.live.push_back(record.bytes);
        break;
      case HistoryEvent::feed_replayed:
        sorted.feed.replays[record.source].push_back(record.bytes);
        break;
      case HistoryEvent::feed_failed:
        sorted.feed.failures[record.source] = base::as_text(record.bytes);
        break;
      case HistoryEvent::quiet:
        sorted.quiet_ns = record.time_ns;
        break;
      case HistoryEvent::fault:
        break;
      default:
        take_of_session(sorted, record);
        break;
    }
  }
  return sorted;
}

}  // namespace okiagari::check
