#include "check/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "check/session_replay.h"

namespace okiagari::check {

Load::Load(net::Loop& loop, History& history, MarketAddresses addresses, const LoadOptions& options)
    : loop_(loop),
      history_(history),
      addresses_(std::move(addresses)),
      options_(options),
      random_(options.seed),
      mix_(options.seed ^ 0x5EED, addresses_.instruments) {
  ASSERT(options.messages_per_second > 0 || options.source != nullptr, "nothing says what is due");
  const std::uint64_t first_number = options.from_now_on ? 0 : 1;
  for (std::size_t at = 0; at < addresses_.members.size(); ++at) {
    members_.push_back(std::make_unique<Member>(loop_, history_, addresses_.members[at],
                                                addresses_.gateways, at, first_number));
  }
  feed_ = std::make_unique<FeedListener>(loop_, history_, HistoryEvent::feed, addresses_.feeds,
                                         options_.seed % addresses_.feeds.size(), first_number);
}

base::Status Load::connect(std::uint64_t timeout_ms) {
  const auto is_ready = [this] {
    return std::all_of(members_.begin(), members_.end(), [](auto& one) { return one->is_ready(); });
  };
  if (wait_until(timeout_ms, is_ready)) return {};
  const auto ready =
      std::count_if(members_.begin(), members_.end(), [](auto& one) { return one->is_ready(); });
  return base::Error{fmt::format("only {} of {} sessions could log in within {} ms: {}", ready,
                                 members_.size(), timeout_ms,
                                 "are the gateways up, and does `okiagari status` show a leader?")};
}

void Load::turn() {
  if (started_ns_ == 0) started_ns_ = net::Loop::now_ns();
  run_loop(true);
}

void Load::run_loop(bool generates) {
  loop_.turn(net::Loop::now_ms() + 1);
  if (generates) send_what_is_due();
  tick();
  for (const auto& member : members_) member->flush();
}

void Load::tick() {
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (now_ms < last_tick_ms_ + kTickMs) return;
  last_tick_ms_ = now_ms;
  for (const auto& member : members_) member->tick(now_ms);
  feed_->tick(now_ms);
}

void Load::send_what_is_due() {
  const std::uint64_t elapsed_ns = net::Loop::now_ns() - started_ns_;
  if (options_.messages_per_second == 0) {
    const MessageSource& source = *options_.source;
    for (int sent = 0;
         sent < kBurstMax && source.next_member() && source.due_ns() <= elapsed_ns && send_one();
         ++sent) {
    }
    return;
  }
  const std::uint64_t due = elapsed_ns * options_.messages_per_second / 1'000'000'000;
  for (; drawn_ < due && send_one(); ++drawn_) {
  }
}

bool Load::send_one() {
  return options_.source == nullptr ? send_drawn() : send_from(*options_.source);
}

bool Load::send_from(MessageSource& source) {
  const auto at = source.next_member();
  if (!at) return false;
  Member& member = *members_[*at];
  if (!member.is_ready() || member.unanswered() >= options_.unanswered_max) return false;
  message_.clear();
  source.write(member.next_user_reference(), message_);
  const base::Bytes message = message_.view();
  const bool is_cancel = static_cast<char>(message[0]) == 'X';
  if (is_cancel && member.awaits_cancel_of(base::load_big<std::uint32_t>(&message[1]))) {
    ask_for_sign(member);
    return false;
  }
  source.sent(member.next_user_reference());
  member.send(message);
  return true;
}

// A cancel that found nothing to take has no answer of its own.
void Load::ask_for_sign(Member& member) {
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (now_ms < next_sign_ms_) return;
  next_sign_ms_ = now_ms + kSignMs;
  member.query();
}

// A message whose turn comes while its member cannot send is not made up for.
bool Load::send_drawn() {
  Member& member = *members_[random_.below(members_.size())];
  if (!member.is_ready() || member.unanswered() >= options_.unanswered_max) return true;
  message_.clear();
  if (member.sent() == 0) {
    mix_.draw_order(member.next_user_reference(), message_);
  } else {
    mix_.draw(member.orders(), member.next_user_reference(), message_);
  }
  const base::Bytes message = message_.view();
  const bool is_cancel = static_cast<char>(message[0]) == 'X';
  if (is_cancel && member.awaits_cancel_of(base::load_big<std::uint32_t>(&message[1]))) return true;
  member.send(message);
  return true;
}

bool Load::wait_until(std::uint64_t timeout_ms, const std::function<bool()>& done) {
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (!done()) {
    if (net::Loop::now_ms() >= end_ms) return false;
    run_loop(false);
    if (while_waiting) while_waiting();
  }
  return true;
}

bool Load::settle(std::uint64_t timeout_ms) {
  std::uint64_t next_query_ms = 0;
  const auto is_at_rest = [&] {
    const std::uint64_t now_ms = net::Loop::now_ms();
    const bool asks = now_ms >= next_query_ms;
    if (asks) next_query_ms = now_ms + kQuietMs;
    bool all_decided = true;
    for (const auto& member : members_) {
      if (member->is_ready() && !member->has_undecided()) continue;
      all_decided = false;
      if (asks && member->is_ready()) member->query();
    }
    const std::uint64_t last_told_ms =
        std::max(last_answer_ns() / 1'000'000, feed_->last_arrival_ms());
    return all_decided && now_ms >= last_told_ms + kQuietMs;
  };
  const bool at_rest = wait_until(timeout_ms, is_at_rest);
  for (const auto& member : members_) member->give_up();
  feed_->close();
  if (at_rest) history_.add(HistoryEvent::quiet, 0, net::Loop::now_ns(), 0);
  return at_rest;
}

void Load::read_again(std::uint64_t timeout_ms) {
  for (const net::Endpoint& gateway : addresses_.gateways) {
    read_sessions_again(gateway, timeout_ms);
  }
  read_feeds_again(timeout_ms);
}

void Load::read_sessions_again(const net::Endpoint& gateway, std::uint64_t timeout_ms) {
  std::vector<std::unique_ptr<SessionReplay>> replays;
  for (const MemberAccess& access : addresses_.members) {
    replays.push_back(std::make_unique<SessionReplay>(loop_, history_, access, gateway));
  }
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  const auto is_done = [&] {
    return std::all_of(replays.begin(), replays.end(), [](auto& one) { return one->is_done(); });
  };
  while (!is_done() && net::Loop::now_ms() < end_ms) {
    loop_.turn(net::Loop::now_ms() + 1);
    for (const auto& replay : replays) replay->tick(net::Loop::now_ms());
    if (while_waiting) while_waiting();
  }
  for (const auto& replay : replays) replay->give_up();
}

void Load::read_feeds_again(std::uint64_t timeout_ms) {
  std::vector<std::unique_ptr<FeedListener>> listeners;
  for (const FeedAddress& node : addresses_.feeds) {
    listeners.push_back(std::make_unique<FeedListener>(loop_, history_, HistoryEvent::feed_replayed,
                                                       std::vector<FeedAddress>{node}, 0));
  }
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  // What comes behind the last number known would be too much: it is given a moment to come.
  const auto is_done = [&] {
    const std::uint64_t now_ms = net::Loop::now_ms();
    return std::all_of(listeners.begin(), listeners.end(), [&](auto& one) {
      return one->next_number() >= feed_->next_number() &&
             now_ms >= one->last_arrival_ms() + kQuietMs;
    });
  };
  while (!is_done() && net::Loop::now_ms() < end_ms) {
    loop_.turn(net::Loop::now_ms() + 1);
    for (const auto& listener : listeners) listener->tick(net::Loop::now_ms());
    if (while_waiting) while_waiting();
  }
  for (std::size_t at = 0; at < listeners.size(); ++at) {
    if (listeners[at]->next_number() >= feed_->next_number()) continue;
    const std::string why = fmt::format("it came to number {} of {}",
                                        listeners[at]->next_number() - 1, feed_->next_number() - 1);
    history_.add(HistoryEvent::feed_failed, addresses_.feeds[at].node, net::Loop::now_ns(), 0,
                 base::as_bytes(why));
  }
}

void Load::set_feeds(std::vector<FeedAddress> feeds) {
  if (feed_) feed_->set_nodes(feeds);
  addresses_.feeds = std::move(feeds);
}

std::uint64_t Load::sent() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) sum += member->sent();
  return sum;
}

std::uint64_t Load::acknowledged() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) sum += member->acknowledged();
  return sum;
}

std::uint64_t Load::last_answer_ns() const {
  std::uint64_t last_ns = 0;
  for (const auto& member : members_) last_ns = std::max(last_ns, member->last_answer_ns());
  return last_ns;
}

}  // namespace okiagari::check
