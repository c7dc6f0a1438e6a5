#include "watch/vantage_watch.h"

#include <utility>

namespace okiagari::watch {

VantageWatch::VantageWatch(net::Loop& loop, VantageSettings settings, std::string name,
                           Reporter& reporter)
    : settings_(std::move(settings)),
      detector_(std::move(name), settings_.limits, reporter),
      client_(loop) {
  for (const net::Endpoint& at : settings_.others) {
    places_.push_back(std::make_unique<Place>(Place{at}));
  }
}

void VantageWatch::tick(const VantageView& own, const Moment& moment) {
  detector_.tick(own, moment);
  if (moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + settings_.interval_ms;
  for (const auto& place : places_) {
    if (!place->is_asked) ask(*place);
  }
}

void VantageWatch::ask(Place& place) {
  place.is_asked = true;
  net::HttpCall call;
  call.to = place.at;
  call.target = "/view";
  call.timeout_ms = 2'000;
  call.body_bytes_max = kVantageViewBytesMax;
  client_.fetch(std::move(call), [this, &place](base::Result<net::HttpResponse> answer) {
    place.is_asked = false;
    // Silence is the detector's to notice.
    if (!answer || answer.value().status != 200) return;
    const auto view = parse_vantage_view(answer.value().body);
    if (view) detector_.heard(view.value(), Moment::now());
  });
}

}  // namespace okiagari::watch
