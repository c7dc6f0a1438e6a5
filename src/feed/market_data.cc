#include "feed/market_data.h"

#include <fmt/format.h>

#include <algorithm>

namespace okiagari::feed {

std::string session_of(std::uint64_t cluster) {
  return fmt::format("{:010X}", cluster & 0xFF'FFFF'FFFF);
}

base::Result<std::unique_ptr<MarketData>> MarketData::open(net::Loop& loop,
                                                           MarketDataOptions options,
                                                           FeedHistory& history,
                                                           const venue::Venue& venue) {
  std::unique_ptr<MarketData> data(new MarketData(std::move(options), venue));
  if (base::Status status = data->open_parts(loop, history); !status) return status.error();
  return data;
}

base::Status MarketData::open_parts(net::Loop& loop, FeedHistory& history) {
  FeedOptions feed;
  feed.listen = options_.feed;
  feed.session = options_.session;
  auto server = FeedServer::open(loop, std::move(feed), history, encoder_);
  if (!server) return server.error();
  server_ = std::move(server.value());
  if (options_.line) {
    MoldLineOptions line;
    line.to = *options_.line;
    line.interface = options_.line_interface;
    line.session = options_.session;
    auto opened = MoldLine::open(loop, std::move(line));
    if (!opened) return opened.error();
    line_ = std::move(opened.value());
  }
  if (options_.requests) {
    RequestServerOptions requests;
    requests.listen = *options_.requests;
    requests.session = options_.session;
    auto opened = RequestServer::open(loop, std::move(requests), history, encoder_, last_number_);
    if (!opened) return opened.error();
    requests_ = std::move(opened.value());
  }
  if (options_.images) {
    ImageServerOptions images;
    images.listen = *options_.images;
    images.session = options_.session;
    auto opened = ImageServer::open(loop, std::move(images), [this] { return make_image(); });
    if (!opened) return opened.error();
    images_ = std::move(opened.value());
  }
  return {};
}

std::unique_ptr<MarketImage> MarketData::make_image() const {
  const bool would_hold_up =
      standing_.leads && venue_.books().live_orders() > options_.image_orders_max_leading;
  if (!standing_.is_current || would_hold_up) return nullptr;
  return std::make_unique<MarketImage>(make_market_image(venue_));
}

void MarketData::restart_after(std::uint64_t feed_number, wire::Symbols symbols) {
  encoder_.restart(std::move(symbols));
  last_number_ = feed_number;
  server_->restart_after(feed_number);
  if (line_ != nullptr) line_->restart_after(feed_number);
  if (images_ != nullptr) images_->restart();
}

void MarketData::publish(const venue::EventHeader& event) {
  encoder_.learn(event);
  last_number_ = event.feed_number;
  server_->publish(event);
  if (line_ != nullptr) line_->publish(event.feed_number, encoder_.encode(event));
}

void MarketData::end_batch() {
  if (line_ != nullptr) line_->end_batch();
}

void MarketData::end_turn(std::uint64_t now_ms, Standing standing) {
  standing_ = standing;
  server_->end_turn(now_ms);
  if (line_ != nullptr) line_->end_turn(now_ms, standing.is_current);
  if (images_ != nullptr) images_->end_turn(now_ms);
}

std::uint64_t MarketData::next_deadline_ms() const {
  std::uint64_t deadline = server_->next_deadline_ms();
  if (line_ != nullptr) deadline = std::min(deadline, line_->next_deadline_ms());
  if (images_ != nullptr) deadline = std::min(deadline, images_->next_deadline_ms());
  return deadline;
}

}  // namespace okiagari::feed
