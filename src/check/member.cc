#include "check/member.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace okiagari::check {

Member::Member(net::Loop& loop, History& history, MemberAccess access,
               std::vector<net::Endpoint> gateways, std::size_t first_gateway,
               std::uint64_t first_number)
    : history_(history),
      access_(std::move(access)),
      gateways_(std::move(gateways)),
      gateway_(first_gateway % gateways_.size()),
      client_(loop, {[this](const SoupLoginAccepted& accepted) { on_accepted(accepted); },
                     [this](const SoupPacket& packet) { on_packet(packet); },
                     [this](const std::string& reason) { on_lost(reason); }}),
      next_sequence_number_(first_number) {}

void Member::tick(std::uint64_t now_ms) {
  client_.tick(now_ms);
  if (client_.is_closed() && now_ms >= retry_at_ms_) {
    retry_at_ms_ = now_ms + kRetryMs;
    client_.open(gateways_[gateway_], {access_.user, access_.password, "", next_sequence_number_});
  }
  if (client_.is_logged_in() && !ready_ && now_ms >= barrier_until_ms_) send_unanswered_again();
}

void Member::on_accepted(const SoupLoginAccepted& accepted) {
  history_.add(HistoryEvent::connected, access_.session, net::Loop::now_ns(), accepted.next_number);
  if (next_sequence_number_ == 0) next_sequence_number_ = accepted.next_number;
  // The answer to an account query comes behind everything the session has missed.
  barrier_until_ms_ = net::Loop::now_ms() + kBarrierMs;
  query();
}

void Member::query() {
  base::ByteWriter message;
  encode_ouch_account_query(message);
  // On a new connection nothing has been sent yet that the answer could speak of.
  queries_.push_back(ready_ ? sent_ : 0);
  (void)client_.send(kSoupUnsequenced, message.view());
  client_.flush();
}

void Member::on_query_answered(std::uint32_t next_user_reference) {
  next_user_reference_ = std::max(next_user_reference_, next_user_reference);
  if (!ready_) send_unanswered_again();
  if (queries_.empty()) return;
  decided_number_ = std::max(decided_number_, queries_.front());
  decided_up_to(queries_.front());
  queries_.pop_front();
}

void Member::decided_up_to(std::uint64_t number) {
  std::erase_if(unanswered_, [&](const Unanswered& sent) {
    return sent.number <= number &&
           (sent.type == 'X' || sent.type == 'C' || sent.original_canceled);
  });
}

void Member::on_lost(const std::string& reason) {
  history_.add(HistoryEvent::connection_lost, access_.session, net::Loop::now_ns(), 0,
               base::as_bytes(reason));
  ready_ = false;
  queries_.clear();
  decided_number_ = 0;
  gateway_ = (gateway_ + 1) % gateways_.size();
}

void Member::on_packet(const SoupPacket& packet) {
  if (packet.type == kSoupSequenced) return on_sequenced(packet.payload);
  if (packet.type == kSoupUnsequenced) return on_unsequenced(packet.payload);
}

void Member::on_sequenced(base::Bytes message) {
  last_answer_ns_ = net::Loop::now_ns();
  history_.add(HistoryEvent::answered, access_.session, last_answer_ns_, next_sequence_number_++,
               message);
  OuchAnswer answer;
  if (!decode_ouch(message, answer)) return;
  if (answer.type == kOuchAccepted || answer.type == kOuchReplaced) ++acknowledged_;
  orders_.take(answer);
  settle(answer);
}

void Member::on_unsequenced(base::Bytes message) {
  OuchRefusal refusal;
  if (decode_ouch_refusal(message, refusal)) {
    const auto is_it = [&](const Unanswered& sent) {
      return sent.type == refusal.refused_type && sent.user_reference == refusal.user_reference;
    };
    const auto found = std::find_if(unanswered_.begin(), unanswered_.end(), is_it);
    const std::uint64_t number = found == unanswered_.end() ? 0 : found->number;
    history_.add(HistoryEvent::refused, access_.session, net::Loop::now_ns(), number, message);
    if (found == unanswered_.end()) return;
    ++refused_;
    unanswered_.erase(found);
    return;
  }
  OuchAnswer answer;
  if (decode_ouch(message, answer) && answer.type == kOuchAccountQuery) {
    on_query_answered(answer.user_reference);
  }
}

// A session's messages are decided in the order they were sent. So an answer that names a message
// also says that those before it are decided which nothing names: a cancel of what is gone already,
// a replace to no more than was executed, which ends its order.
void Member::settle(const OuchAnswer& answer) {
  const bool names_order =
      answer.type == kOuchAccepted || answer.type == kOuchReplaced || answer.type == kOuchRejected;
  const bool names_cancel = answer.type == kOuchCanceled || answer.type == kOuchCancelRejected;
  if (!names_order && !names_cancel) return;
  for (Unanswered& sent : unanswered_) {
    if (names_cancel && sent.original_user_reference == answer.user_reference) {
      sent.original_canceled = true;
    }
  }
  const auto is_named = [&](const Unanswered& sent) {
    const bool fits = names_order ? sent.type == 'O' || sent.type == 'U' : sent.type == 'X';
    return fits && sent.user_reference == answer.user_reference;
  };
  const auto found = std::find_if(unanswered_.begin(), unanswered_.end(), is_named);
  if (found == unanswered_.end()) return;
  const std::uint64_t number = found->number;
  unanswered_.erase(found);
  if (names_order) decided_up_to(number);
}

void Member::send(base::Bytes message) {
  ASSERT(ready_ && message.size() >= 9, "a member that is not ready sends nothing");
  Unanswered sent;
  sent.number = ++sent_;
  sent.type = static_cast<char>(message[0]);
  // A replace names the order it replaces first, then its own number.
  sent.user_reference = base::load_big<std::uint32_t>(&message[sent.type == 'U' ? 5 : 1]);
  if (sent.type == 'U') {
    sent.original_user_reference = base::load_big<std::uint32_t>(&message[1]);
  }
  sent.message.assign(message.begin(), message.end());
  if (sent.type != 'X') next_user_reference_ = sent.user_reference + 1;
  history_.add(HistoryEvent::sent, access_.session, net::Loop::now_ns(), sent.number, message);
  unanswered_.push_back(std::move(sent));
  (void)client_.send(kSoupUnsequenced, message);
}

bool Member::awaits_cancel_of(std::uint32_t user_reference) const {
  return std::any_of(unanswered_.begin(), unanswered_.end(), [&](const Unanswered& sent) {
    return sent.type == 'X' && sent.user_reference == user_reference;
  });
}

void Member::send_unanswered_again() {
  ready_ = true;
  if (!std::exchange(has_begun_, true)) {
    history_.add(HistoryEvent::begun, access_.session, net::Loop::now_ns(), next_user_reference_);
  }
  for (const Unanswered& sent : unanswered_) {
    history_.add(HistoryEvent::sent_again, access_.session, net::Loop::now_ns(), sent.number,
                 sent.message);
    (void)client_.send(kSoupUnsequenced, sent.message);
  }
  client_.flush();
}

void Member::give_up() {
  for (const Unanswered& sent : unanswered_) {
    history_.add(HistoryEvent::gave_up, access_.session, net::Loop::now_ns(), sent.number,
                 sent.message);
  }
  unanswered_.clear();
  close();
}

void Member::close() {
  ready_ = false;
  client_.close();
}

}  // namespace okiagari::check
