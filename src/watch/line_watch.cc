#include "watch/line_watch.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "wire/mold.h"

namespace okiagari::watch {

LineWatch::LineWatch(net::Loop& loop, LineWatchSettings settings, std::vector<NodeId> nodes,
                     Reporter& reporter)
    : settings_(std::move(settings)), detector_(std::move(nodes), settings_.limits, reporter) {
  if (settings_.lines.empty()) return;
  client::LineFeedOptions options;
  for (const LineAddress& one : settings_.lines) options.lines.push_back(one.line);
  options.requests = settings_.requests;
  options.interface = settings_.interface;
  options.session = settings_.session;
  options.next_number = 0;
  auto client = client::LineFeedClient::open(loop, options, [](std::uint64_t, base::Bytes) {});
  if (!client) {
    // The streams are still compared.
    spdlog::warn("the lines of the feed are not heard: {}", client.error().message);
    return;
  }
  client_ = std::move(client.value());
  client_->watch_datagrams([this](std::size_t line, std::uint64_t first, base::Bytes datagram) {
    take(line, first, datagram);
  });
}

void LineWatch::take(std::size_t line, std::uint64_t first, base::Bytes datagram) {
  const Moment moment = Moment::now();
  wire::MoldReader reader(datagram);
  base::Bytes message;
  for (std::uint64_t number = first; reader.next(message); ++number) {
    detector_.said(settings_.lines[line].node, FeedDetector::Way::line, number, message, moment);
  }
}

void LineWatch::stream_said(NodeId node, std::uint64_t number, base::Bytes message) {
  detector_.said(node, FeedDetector::Way::stream, number, message, Moment::now());
}

void LineWatch::tick(const Moment& moment) {
  if (client_) {
    client_->tick(moment.steady_ms);
    detector_.missing_on_lines(client_->missing_number(), moment);
  }
  detector_.tick(moment);
}

}  // namespace okiagari::watch
