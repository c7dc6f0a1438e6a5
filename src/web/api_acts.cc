// Acts that two people must want, before and after they do: their text, and the look at what would
// be lost.
#include <boost/json.hpp>
#include <charconv>

#include "net/problem.h"
#include "web/answers.h"
#include "web/api.h"

namespace okiagari::web {

net::HttpResponse Api::draft_act(const Call& call) const {
  if (!options_.draft_act || !options_.read_proposal) {
    return net::problem(501, "this desk writes no acts of the market");
  }
  return draft("market_act", options_.draft_act(call.body));
}

net::HttpResponse Api::draft_lift(const Call& call) const {
  if (!options_.draft_lift || !options_.read_proposal) {
    return net::problem(501, "this desk cannot see gateways' folders");
  }
  return draft("guard_lift", options_.draft_lift(call.body));
}

net::HttpResponse Api::guards() const {
  if (!options_.guards) return net::problem(501, "this desk cannot see gateways' folders");
  auto guards = options_.guards();
  if (!guards) return net::problem(503, guards.error().message);
  return json_answer({{"items", std::move(guards.value())}});
}

net::HttpResponse Api::draft(std::string_view kind, const base::Result<std::string>& text) const {
  if (!text) return net::problem(422, text.error().message);
  const auto read = options_.read_proposal(kind, text.value());
  if (!read) return net::problem(422, read.error().message);
  return json_answer({{"kind", kind},
                      {"payload", text.value()},
                      {"digest", read.value().digest},
                      {"words", desk::to_json(read.value().words)},
                      {"preview", read.value().preview}});
}

net::HttpResponse Api::approved_act(std::string_view number) const {
  std::uint64_t wanted = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), wanted);
  const bool is_number = failed == std::errc{} && end == number.data() + number.size();
  const auto* approvals = port_.desk().part<desk::Approvals>();
  const desk::Proposal* proposal =
      approvals == nullptr || !is_number ? nullptr : approvals->find(wanted);
  if (proposal == nullptr) return net::problem(404, "there is no such proposal");
  if (!options_.approved_act) return net::problem(501, "this desk writes no acts");
  const auto text = options_.approved_act(*proposal);
  if (!text) return net::problem(422, text.error().message);
  net::HttpResponse response;
  response.headers = {{"Content-Type", "application/json"},
                      {"Content-Disposition", "attachment; filename=\"act.json\""},
                      {"Cache-Control", "no-store"}};
  response.body = text.value();
  return response;
}

net::HttpResponse Api::rebuild_look() const {
  if (!options_.rebuild_look) return net::problem(501, "this desk cannot see servers' folders");
  return json_answer(options_.rebuild_look());
}

net::HttpResponse Api::begin_rebuild_look() const {
  if (!options_.begin_rebuild_look) {
    return net::problem(501, "this desk cannot see servers' folders");
  }
  if (const base::Status status = options_.begin_rebuild_look(); !status) {
    return net::problem(409, status.error().message);
  }
  return rebuild_look();
}

}  // namespace okiagari::web
