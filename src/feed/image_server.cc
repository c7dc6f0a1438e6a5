#include "feed/image_server.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "wire/soup.h"

namespace okiagari::feed {

namespace {

constexpr std::uint64_t kQueueLookMs = 5;  // a queue that the kernel empties tells nobody
constexpr std::size_t kPieceBytes = 512u << 10;

}  // namespace

base::Result<std::unique_ptr<ImageServer>> ImageServer::open(net::Loop& loop,
                                                             ImageServerOptions options,
                                                             MakeImage make_image) {
  std::unique_ptr<ImageServer> server(new ImageServer(std::move(options), std::move(make_image)));
  auto listener = net::Listener::open(
      loop, server->options_.listen,
      [self = server.get()](std::shared_ptr<net::Connection> c) { self->accept(std::move(c)); });
  if (!listener) return listener.error();
  server->listener_ = std::move(listener.value());
  return server;
}

ImageServer::~ImageServer() { restart(); }

void ImageServer::restart() {
  image_ = nullptr;
  for (const auto& reader : readers_) reader->connection->close();
}

void ImageServer::accept(std::shared_ptr<net::Connection> connection) {
  if (readers_.size() >= options_.readers_max) return connection->close();
  auto reader = std::make_unique<Reader>();
  reader->connection = connection;
  reader->moved_ms = net::Loop::now_ms();
  Reader* raw = reader.get();
  // What is removed is removed in end_turn() only, so the pointer outlives the handlers' calls.
  connection->start([this, raw](base::Bytes bytes) { return receive(*raw, bytes); },
                    [raw](const std::string&) { raw->connection->close(); },
                    2 * wire::kSoupPayloadBytesMax);
  readers_.push_back(std::move(reader));
}

std::size_t ImageServer::receive(Reader& reader, base::Bytes bytes) {
  std::size_t consumed = 0;
  while (reader.connection->is_open()) {
    wire::SoupPacket packet;
    const wire::SoupFault fault = wire::decode_soup(bytes.subspan(consumed), packet);
    if (fault == wire::SoupFault::incomplete) return consumed;
    consumed += packet.size_bytes;
    const bool is_beat =
        fault == wire::SoupFault::none && packet.type == wire::SoupType::client_heartbeat;
    if (is_beat && reader.image != nullptr) continue;
    const bool is_login = fault == wire::SoupFault::none && reader.image == nullptr &&
                          packet.type == wire::SoupType::login_request;
    if (!is_login || !log_in(reader, packet.payload)) {
      reader.connection->close();
      return bytes.size();
    }
  }
  return bytes.size();
}

bool ImageServer::have_image() {
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (image_ != nullptr && now_ms < made_ms_ + options_.image_age_max_ms) return true;
  std::unique_ptr<MarketImage> made = make_image_();
  if (made == nullptr) return false;
  image_ = std::move(made);
  made_ms_ = now_ms;
  return true;
}

bool ImageServer::log_in(Reader& reader, base::Bytes payload) {
  wire::SoupLoginRequest request;
  const bool is_whole =
      payload.size() == sizeof request || payload.size() == wire::kSoupLoginRequest4Bytes;
  if (is_whole) std::memcpy(&request, payload.data(), sizeof request);
  std::string_view session = wire::trimmed(request.session);
  session.remove_prefix(std::min(session.find_first_not_of(' '), session.size()));
  const bool is_ours = is_whole && (session.empty() || session == options_.session);
  if (!is_ours || !have_image()) {
    std::array<std::byte, wire::kSoupHeaderBytes + 1> packet;
    wire::encode_soup_header(packet.data(), wire::SoupType::login_rejected, 1);
    packet[wire::kSoupHeaderBytes] = static_cast<std::byte>(
        is_whole ? wire::kSoupSessionNotAvailable : wire::kSoupNotAuthorized);
    reader.connection->send(packet);
    return false;
  }
  reader.image = image_;
  wire::SoupLoginAccepted accepted;
  accepted.session = wire::alpha<10>(options_.session);
  accepted.sequence_number = wire::soup_number(1);
  std::array<std::byte, wire::kSoupHeaderBytes + sizeof accepted> packet;
  wire::encode_soup_header(packet.data(), wire::SoupType::login_accepted, sizeof accepted);
  std::memcpy(packet.data() + wire::kSoupHeaderBytes, &accepted, sizeof accepted);
  reader.connection->send(packet);
  reader.connection->flush();
  return true;
}

void ImageServer::feed(Reader& reader, std::uint64_t now_ms) {
  if (!reader.connection->is_open()) return;
  if (now_ms > reader.moved_ms + wire::kSoupSilenceMs) return reader.connection->close();
  if (reader.image == nullptr) return;
  const std::vector<std::byte>& frames = reader.image->frames;
  while (reader.connection->queued_bytes() < options_.queued_bytes_low) {
    const std::size_t size = std::min(kPieceBytes, frames.size() - reader.sent_bytes);
    if (size == 0) break;
    reader.connection->send(base::Bytes(frames).subspan(reader.sent_bytes, size));
    reader.connection->flush();
    reader.sent_bytes += size;
    reader.moved_ms = now_ms;
  }
  const bool is_all = reader.sent_bytes == frames.size();
  if (is_all && reader.connection->queued_bytes() == 0) {
    reader.connection->send(wire::soup_signal(wire::SoupType::end_of_session));
    reader.connection->close();
  }
}

void ImageServer::end_turn(std::uint64_t now_ms) {
  for (const auto& reader : readers_) feed(*reader, now_ms);
  std::erase_if(readers_, [](const auto& reader) { return !reader->connection->is_open(); });
}

std::uint64_t ImageServer::next_deadline_ms() const {
  std::uint64_t deadline = UINT64_MAX;
  for (const auto& reader : readers_) {
    const std::uint64_t own = reader->image == nullptr ? reader->moved_ms + wire::kSoupSilenceMs + 1
                                                       : net::Loop::now_ms() + kQueueLookMs;
    deadline = std::min(deadline, own);
  }
  return deadline;
}

}  // namespace okiagari::feed
