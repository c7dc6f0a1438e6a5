#include "feed/mold_line.h"

#include "base/assert.h"

namespace okiagari::feed {

MoldLine::MoldLine(MoldLineOptions options, std::unique_ptr<net::UdpSender> sender)
    : options_(std::move(options)),
      sender_(std::move(sender)),
      open_(options_.datagram_bytes_max) {}

base::Result<std::unique_ptr<MoldLine>> MoldLine::open(net::Loop& loop, MoldLineOptions options) {
  auto sender = net::UdpSender::open(loop, options.to, options.interface);
  if (!sender) return sender.error();
  return std::unique_ptr<MoldLine>(new MoldLine(std::move(options), std::move(sender.value())));
}

void MoldLine::restart_after(std::uint64_t number) {
  ready_.clear();
  ends_.clear();
  open_count_ = 0;
  next_number_ = number + 1;
}

void MoldLine::publish(std::uint64_t number, base::Bytes message) {
  if (open_count_ == 0) open_.begin(wire::alpha<10>(options_.session), number);
  if (!open_.add(message)) {
    cut();
    open_.begin(wire::alpha<10>(options_.session), number);
    const bool fits = open_.add(message);
    ASSERT(fits, "a message of {} bytes is longer than a datagram", message.size());
  }
  ++open_count_;
  next_number_ = number + 1;
}

void MoldLine::cut() {
  const base::Bytes datagram = open_.finish();
  ready_.insert(ready_.end(), datagram.begin(), datagram.end());
  ends_.push_back(ready_.size());
  counters_.messages += open_count_;
  open_count_ = 0;
}

void MoldLine::end_batch() {
  if (open_count_ > 0) cut();
}

void MoldLine::send(base::Bytes datagram) {
  ++counters_.datagrams;
  if (!sender_->send(datagram)) ++counters_.not_taken;
}

void MoldLine::send_heartbeat() {
  wire::MoldWriter heartbeat(sizeof(wire::MoldHeader));
  heartbeat.begin(wire::alpha<10>(options_.session), next_number_);
  send(heartbeat.finish());
}

void MoldLine::end_turn(std::uint64_t now_ms, bool may_speak) {
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    if (may_speak) send(base::Bytes(ready_).subspan(begin, end - begin));
    begin = end;
  }
  if (may_speak && ends_.empty() && now_ms >= heartbeat_due_ms_) {
    send_heartbeat();
    heartbeat_due_ms_ = now_ms + options_.heartbeat_ms;
  }
  if (!ends_.empty() || now_ms >= heartbeat_due_ms_) {
    heartbeat_due_ms_ = now_ms + options_.heartbeat_ms;
  }
  ready_.clear();
  ends_.clear();
}

}  // namespace okiagari::feed
