// The market data of one node, by every way that it leaves: the feed over SoupBinTCP, and where the
// configuration names them a line of datagrams, answers to those who missed some, and the image for
// late joiners.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "feed/feed_history.h"
#include "feed/feed_server.h"
#include "feed/image_server.h"
#include "feed/itch_encoder.h"
#include "feed/mold_line.h"
#include "feed/request_server.h"
#include "net/loop.h"
#include "venue/venue.h"

namespace okiagari::feed {

// Of a cluster's market data: the same on every node, another one for another cluster.
[[nodiscard]] std::string session_of(std::uint64_t cluster);

struct MarketDataOptions {
  std::string session;  // session_of() the cluster
  net::Endpoint feed;
  std::optional<net::Endpoint> line;
  std::string line_interface;
  std::optional<net::Endpoint> requests;
  std::optional<net::Endpoint> images;
  // A leader with more live orders makes no image: all would wait for it.
  std::uint32_t image_orders_max_leading = 20'000;
};

class MarketData {
 public:
  // Borrows the history and the venue.
  static base::Result<std::unique_ptr<MarketData>> open(net::Loop& loop, MarketDataOptions options,
                                                        FeedHistory& history,
                                                        const venue::Venue& venue);

  // Where the replica stands in its cluster.
  struct Standing {
    bool is_current = false;  // knows a leader, and has applied all that is committed
    bool leads = false;
  };

  // The state came from a snapshot: its last feed number and the symbols it knows.
  void restart_after(std::uint64_t feed_number, wire::Symbols symbols);
  // The next feed event, in order; the history must have it before end_turn().
  void publish(const venue::EventHeader& event);
  // Of the log. Datagrams end here.
  void end_batch();
  void end_turn(std::uint64_t now_ms, Standing standing);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  [[nodiscard]] const net::Endpoint& feed_endpoint() const { return server_->endpoint(); }
  [[nodiscard]] std::size_t subscribers() const { return server_->subscribers(); }
  // Null where the configuration names none.
  [[nodiscard]] const MoldLine* line() const { return line_.get(); }
  [[nodiscard]] const RequestServer* requests() const { return requests_.get(); }
  [[nodiscard]] const ImageServer* images() const { return images_.get(); }

 private:
  MarketData(MarketDataOptions options, const venue::Venue& venue)
      : options_(std::move(options)), venue_(venue) {}
  base::Status open_parts(net::Loop& loop, FeedHistory& history);
  [[nodiscard]] std::unique_ptr<MarketImage> make_image() const;

  MarketDataOptions options_;
  const venue::Venue& venue_;
  ItchEncoder encoder_;
  std::uint64_t last_number_ = 0;
  Standing standing_;
  std::unique_ptr<FeedServer> server_;
  std::unique_ptr<MoldLine> line_;
  std::unique_ptr<RequestServer> requests_;
  std::unique_ptr<ImageServer> images_;
};

}  // namespace okiagari::feed
