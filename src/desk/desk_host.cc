#include "desk/desk_host.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <random>

#include "journal/identity.h"
#include "journal/posix_disk.h"
#include "journal/replica.h"
#include "journal/tcp_links.h"

namespace okiagari::desk {

namespace {

constexpr std::uint64_t kMillisecondNs = 1'000'000;
constexpr std::uint64_t kHandOverMs = 1'500;
// A desk writes little: small files are enough, and a new one is not felt.
constexpr std::uint64_t kSegmentBytes = 8u << 20;
constexpr std::uint64_t kMinFreeBytes = 32u << 20;
constexpr std::uint64_t kSnapshotAfterBytes = 256u << 20;

std::uint64_t draw() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
}

std::string journal_folder(const std::string& data_folder) { return data_folder + "/journal"; }

// A desk's snapshot is a copy of bytes that are in memory: written in place.
class SnapshotsInPlace final : public journal::SnapshotWorker {
 public:
  void start(std::unique_ptr<journal::SnapshotJob> job) override {
    state_ = job->run() ? State::done : State::failed;
  }
  State poll() override { return std::exchange(state_, State::idle); }

 private:
  State state_ = State::idle;
};

}  // namespace

struct DeskHost::Machinery {
  explicit Machinery(net::Loop& loop) : sync_event(loop.context()) {}
  boost::asio::posix::stream_descriptor sync_event;
  bool is_awaiting_sync = false;
  std::unique_ptr<journal::PosixDisk> disk;
  SnapshotsInPlace snapshots;
  std::unique_ptr<journal::TcpLinks> links;
  std::unique_ptr<journal::Replica> replica;
};

const DeskPlace* DeskHostOptions::find(NodeId wanted) const {
  const auto found = std::find_if(desks.begin(), desks.end(),
                                  [&](const DeskPlace& place) { return place.desk == wanted; });
  return found == desks.end() ? nullptr : &*found;
}

base::Status format_desk(const DeskHostOptions& options) {
  auto disk = journal::PosixDisk::open_folder(journal_folder(options.data_folder), true);
  if (!disk) return disk.error();
  journal::Identity identity;
  identity.cluster = options.cluster;
  identity.node = options.desk;
  identity.storage = draw();
  return journal::format(*disk.value(), identity);
}

bool is_desk_formatted(const std::string& data_folder) {
  std::error_code error;
  return std::filesystem::exists(
      journal_folder(data_folder) + "/" + std::string(journal::kIdentityName), error);
}

DeskHost::DeskHost(net::Loop& loop, DeskHostOptions options, ReplicatedDesk::MakeDesk make)
    : loop_(loop),
      options_(std::move(options)),
      state_(std::move(make)),
      dispatcher_(std::make_unique<Dispatcher>(state_)),
      machinery_(std::make_unique<Machinery>(loop)) {}

DeskHost::~DeskHost() = default;

base::Result<std::unique_ptr<DeskHost>> DeskHost::open(net::Loop& loop, DeskHostOptions options,
                                                       ReplicatedDesk::MakeDesk make) {
  std::unique_ptr<DeskHost> host(new DeskHost(loop, std::move(options), std::move(make)));
  if (base::Status status = host->start(); !status) return status.error();
  return host;
}

base::Status DeskHost::start() {
  auto disk = journal::PosixDisk::open_folder(journal_folder(options_.data_folder), false);
  if (!disk) return disk.error();
  machinery_->disk = std::move(disk.value());
  if (base::Status status = machinery_->disk->claim(); !status) return status;
  auto projection = Projection::create(options_.data_folder + "/desk.sqlite");
  if (!projection) return projection.error();
  projection_ = std::move(projection.value());
  state_.on_applied = [this](const Entry& entry, std::uint64_t index, const base::Status& answer,
                             std::uint64_t first_new) {
    projection_->add(state_.desk(), entry, index, answer, first_new);
  };
  state_.on_lead = [this] {
    spdlog::info("this desk leads");
    if (on_lead) on_lead(true);
  };
  state_.on_follow = [this] {
    spdlog::info("this desk leads no longer");
    dispatcher_->stop();
    if (on_lead) on_lead(false);
  };
  if (base::Status status = open_links(); !status) return status;
  journal::ReplicaOptions replica;
  replica.cluster = options_.cluster;
  replica.node = options_.desk;
  for (const DeskPlace& place : options_.desks) replica.voters.push_back(place.desk);
  replica.random_seed = draw();
  replica.timeouts = options_.timeouts;
  replica.log.segment_bytes = kSegmentBytes;
  replica.min_free_bytes = kMinFreeBytes;
  replica.snapshot_after_bytes = kSnapshotAfterBytes;
  replica.on_notable = [](const std::string& line) { spdlog::info("{}", line); };
  auto started = journal::Replica::start(replica, *machinery_->disk, *machinery_->links,
                                         machinery_->snapshots, state_, net::Loop::now_ms());
  if (!started) return started.error();
  machinery_->replica = std::move(started.value());
  state_.attach(*machinery_->replica);
  machinery_->sync_event.assign(::dup(machinery_->disk->sync_event_descriptor()));
  return {};
}

base::Status DeskHost::open_links() {
  const DeskPlace* own = options_.find(options_.desk);
  ASSERT(own != nullptr, "desk {} is none of the desks", options_.desk);
  journal::TcpLinksOptions links;
  links.cluster = options_.cluster;
  links.node = options_.desk;
  links.listen = {own->peers, {}};
  links.incarnation = draw();
  for (const DeskPlace& place : options_.desks) {
    if (place.desk != options_.desk) links.peers[place.desk] = {place.peers, {}};
  }
  journal::LinkEvents events;
  events.frame = [this](NodeId from, base::Bytes frame) {
    machinery_->replica->receive(from, frame);
  };
  events.link_up = [this](NodeId peer) { machinery_->replica->link_up(peer); };
  events.link_lost = [this](NodeId peer) { machinery_->replica->link_lost(peer); };
  events.log = [](const std::string& line) { spdlog::info("{}", line); };
  auto opened = journal::TcpLinks::open(loop_, std::move(links), std::move(events));
  if (!opened) return opened.error();
  machinery_->links = std::move(opened.value());
  return {};
}

void DeskHost::await_sync() {
  if (std::exchange(machinery_->is_awaiting_sync, true)) return;
  machinery_->sync_event.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [this](const boost::system::error_code&) { machinery_->is_awaiting_sync = false; });
}

base::Status DeskHost::turn() {
  await_sync();
  std::uint64_t deadline_ms = machinery_->replica->next_deadline_ms();
  const std::uint64_t before_ms = net::Loop::now_ms();
  for (const TurnHook& hook : hooks_) deadline_ms = std::min(deadline_ms, hook(before_ms));
  const TimestampNs due_ns =
      std::min(state_.next_due_ns(), leads() ? state_.desk().outbox().next_try_ns() : kNever);
  if (due_ns != kNever) {
    const TimestampNs wall_ns = net::Loop::wall_ns();
    const std::uint64_t wait_ms = due_ns <= wall_ns ? 0 : (due_ns - wall_ns) / kMillisecondNs + 1;
    // What is ready and not yet taken must not spin the loop.
    deadline_ms = std::min(deadline_ms, before_ms + std::max<std::uint64_t>(wait_ms, 1));
  }
  loop_.turn(deadline_ms);
  const TimestampNs wall_ns = net::Loop::wall_ns();
  dispatcher_->end_turn(wall_ns);
  state_.end_turn(wall_ns);
  base::Status status = machinery_->replica->end_turn(net::Loop::now_ms());
  if (projection_ != nullptr) {
    if (base::Status written = projection_->commit(); !written) {
      spdlog::error("desk.sqlite: {}; it is not kept any more until the next start",
                    written.error().message);
      projection_.reset();
      state_.on_applied = nullptr;
    }
  }
  return status;
}

std::string DeskHost::leader_url() const {
  const DeskPlace* place = options_.find(machinery_->replica->view().leader);
  if (place == nullptr) return {};
  return fmt::format("{}://{}", options_.public_scheme, net::to_string(place->http));
}

std::vector<std::string> DeskHost::other_urls() const {
  std::vector<std::string> urls;
  for (const DeskPlace& place : options_.desks) {
    if (place.desk == options_.desk) continue;
    urls.push_back(fmt::format("{}://{}", options_.public_scheme, net::to_string(place.http)));
  }
  return urls;
}

boost::json::object DeskHost::live_picture() const {
  return picture ? picture() : boost::json::object{};
}

boost::json::object DeskHost::status() const {
  const journal::ReplicaView view = machinery_->replica->view();
  return {{"desk", options_.desk},
          {"leads", leads()},
          {"leader", view.leader},
          {"term", view.term},
          {"entries", state_.entries()},
          {"timeline_items", desk().timeline().items().size()},
          {"timeline_chain", base::to_hex(desk().timeline().chain())}};
}

bool DeskHost::leave(std::uint64_t now_ms) {
  if (!leads() || options_.desks.size() == 1) return true;
  if (leaving_since_ms_ == 0) {
    leaving_since_ms_ = now_ms;
    if (base::Status status = machinery_->replica->transfer(0); !status) return true;
  }
  return now_ms >= leaving_since_ms_ + kHandOverMs;
}

}  // namespace okiagari::desk
