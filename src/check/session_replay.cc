#include "check/session_replay.h"

#include <utility>

namespace okiagari::check {

SessionReplay::SessionReplay(net::Loop& loop, History& history, MemberAccess access,
                             net::Endpoint gateway)
    : history_(history),
      access_(std::move(access)),
      gateway_(std::move(gateway)),
      client_(loop, {[this](const SoupLoginAccepted&) { on_accepted(); },
                     [this](const SoupPacket& packet) { on_packet(packet); },
                     [this](const std::string& reason) { last_failure_ = reason; }}) {
  history_.add(HistoryEvent::replay_begins, access_.session, net::Loop::now_ns(), 0);
}

void SessionReplay::tick(std::uint64_t now_ms) {
  client_.tick(now_ms);
  if (done_ || !client_.is_closed() || now_ms < retry_at_ms_) return;
  retry_at_ms_ = now_ms + kRetryMs;
  // A connection that broke goes on where it was.
  client_.open(gateway_, {access_.user, access_.password, "", next_number_});
}

void SessionReplay::on_accepted() {
  base::ByteWriter query;
  encode_ouch_account_query(query);
  (void)client_.send(kSoupUnsequenced, query.view());
  client_.flush();
}

void SessionReplay::on_packet(const SoupPacket& packet) {
  if (packet.type == kSoupSequenced) {
    history_.add(HistoryEvent::replayed, access_.session, net::Loop::now_ns(), next_number_++,
                 packet.payload);
    return;
  }
  OuchAnswer answer;
  if (packet.type != kSoupUnsequenced || !decode_ouch(packet.payload, answer)) return;
  if (answer.type != kOuchAccountQuery) return;
  done_ = true;
  client_.close();
}

void SessionReplay::give_up() {
  if (done_) return;
  history_.add(HistoryEvent::replay_failed, access_.session, net::Loop::now_ns(), next_number_,
               base::as_bytes(last_failure_));
  client_.close();
}

}  // namespace okiagari::check
