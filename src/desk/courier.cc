#include "desk/courier.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

#include "desk/courier_thread.h"
#include "desk/outgoing.h"

namespace okiagari::desk {

struct Courier::LoopSide {
  LoopSide(net::Loop& loop, int descriptor) : events(loop.context(), descriptor) {}
  boost::asio::posix::stream_descriptor events;
  // A handler that comes after the end finds it changed.
  std::shared_ptr<bool> is_alive = std::make_shared<bool>(true);
};

base::Result<std::unique_ptr<Courier>> Courier::open(net::Loop& loop, CourierSettings settings) {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) {
    return base::Error{fmt::format("the courier cannot start: {}", std::strerror(errno))};
  }
  std::unique_ptr<Courier> courier(new Courier(std::move(settings)));
  courier->loop_side_ = std::make_unique<LoopSide>(loop, descriptor);
  courier->thread_ = std::make_unique<CourierThread>(courier->settings_, descriptor);
  courier->await_events();
  return courier;
}

Courier::Courier(CourierSettings settings) : settings_(std::move(settings)) {}

Courier::~Courier() {
  thread_.reset();
  if (loop_side_ != nullptr) *loop_side_->is_alive = false;
}

bool Courier::takes(std::string_view kind) const { return is_carried(kind); }

void Courier::carry_out(const Effect& effect, const Reports& reports) {
  auto outgoing = make_outgoing(effect, settings_, net::Loop::wall_ns());
  if (!outgoing) {
    reports.failed(effect.key, outgoing.error().message, true);
    return;
  }
  if (!under_way_.emplace(effect.key, reports).second) {
    // Given out again by the same leader of a later term: the first one's report is on its way.
    return;
  }
  thread_->add(effect.key, std::move(outgoing.value()));
}

void Courier::await_events() {
  loop_side_->events.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [this, is_alive = loop_side_->is_alive](const boost::system::error_code& error) {
        if (!*is_alive || error) return;
        std::uint64_t count = 0;
        [[maybe_unused]] const auto read =
            ::read(loop_side_->events.native_handle(), &count, sizeof count);
        take_events();
        await_events();
      });
}

void Courier::take_events() {
  for (CourierEvent& event : thread_->take_events()) {
    const auto found = under_way_.find(event.key);
    if (found == under_way_.end()) continue;
    const Reports reports = found->second;
    if (event.kind == CourierEvent::Kind::wants_to_begin) {
      reports.begun(event.key,
                    [this, is_alive = loop_side_->is_alive, key = event.key](bool may_end) {
                      if (*is_alive) thread_->go_on(key, may_end);
                    });
      continue;
    }
    under_way_.erase(found);
    boost::json::object answer;
    if (event.status != 0) answer["status"] = event.status;
    switch (event.kind) {
      case CourierEvent::Kind::done:
        reports.done(event.key, std::move(event.outcome), std::move(answer));
        break;
      case CourierEvent::Kind::unknown:
        reports.unknown(event.key, std::move(event.outcome));
        break;
      default:
        reports.failed(event.key, std::move(event.outcome),
                       event.kind == CourierEvent::Kind::refused);
    }
  }
}

}  // namespace okiagari::desk
