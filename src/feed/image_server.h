// Gives late joiners the market as it stands over SoupBinTCP: log in, read up to the message that
// says with which number of the feed to go on, and be closed. Everybody who comes within a while
// shares one image, so that many who come at once cost no more than one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "feed/market_image.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::feed {

struct ImageServerOptions {
  net::Endpoint listen;
  std::string session;  // as the feed's
  std::size_t readers_max = 64;
  std::size_t queued_bytes_low = 256u << 10;
  // Older than this an image is made anew for the next reader.
  std::uint64_t image_age_max_ms = 2'000;
};

class ImageServer {
 public:
  // Null when this replica cannot make one now: it replays, or leads and has too many orders to
  // stand still for. Readers are then sent to another replica by a refusal.
  using MakeImage = std::function<std::unique_ptr<MarketImage>()>;
  static base::Result<std::unique_ptr<ImageServer>> open(net::Loop& loop,
                                                         ImageServerOptions options,
                                                         MakeImage make_image);
  ~ImageServer();

  // The state is another one: what was being read is of no use.
  void restart();
  void end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;
  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }

 private:
  struct Reader {
    std::shared_ptr<net::Connection> connection;
    std::shared_ptr<const MarketImage> image;  // null before the log-in
    std::size_t sent_bytes = 0;
    std::uint64_t moved_ms = 0;  // when it last took something
  };

  ImageServer(ImageServerOptions options, MakeImage make_image)
      : options_(std::move(options)), make_image_(std::move(make_image)) {}
  void accept(std::shared_ptr<net::Connection> connection);
  std::size_t receive(Reader& reader, base::Bytes bytes);
  [[nodiscard]] bool log_in(Reader& reader, base::Bytes payload);
  [[nodiscard]] bool have_image();
  void feed(Reader& reader, std::uint64_t now_ms);

  ImageServerOptions options_;
  MakeImage make_image_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::shared_ptr<const MarketImage> image_;
  std::uint64_t made_ms_ = 0;
};

}  // namespace okiagari::feed
