#include "node/halt_preview.h"

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string_view>

#include "venue/names.h"
#include "wire/big_endian.h"
#include "wire/halt_document.h"

namespace okiagari::node {

namespace json = boost::json;

namespace {

struct Hit {
  std::uint64_t orders = 0;
  std::uint64_t waiting_stops = 0;
  std::uint64_t sessions = 0;
};

class Preview {
 public:
  Preview(const venue::Venue& venue, const wire::PreviewRequest& request)
      : venue_(venue), scope_(static_cast<venue::Scope>(request.scope)), target_(request.target) {
    if (scope_ == venue::Scope::market) {
      is_in_short_ = target_ == kPreviewInShort;
      target_ = 0;
    }
    if (scope_ == venue::Scope::instrument && target_ == 0) target_ = find(request.symbol);
  }

  std::string text() {
    walk_instruments();
    json::array sessions = walk_sessions();
    find_halted_members();
    json::array members;
    for (const auto& [member, hit] : members_) members.push_back(json_of(member, hit));
    json::object states;
    for (const auto& [name, count] : states_) states[name] = count;
    const json::object root{{"scope", wire::name_of(scope_)},
                            {"target", target_},
                            {"sequence", venue_.last_sequence()},
                            {"event", venue_.last_event_number()},
                            {"control_number", venue_.last_control_number()},
                            {"instruments", instruments_},
                            {"states", std::move(states)},
                            {"stopped", std::move(stopped_)},
                            {"orders", orders_},
                            {"waiting_stops", waiting_stops_},
                            {"members", std::move(members)},
                            {"sessions", std::move(sessions)}};
    return json::serialize(root);
  }

 private:
  [[nodiscard]] std::uint16_t find(const std::array<char, 8>& symbol) const {
    venue::Venue::InstrumentView view;
    for (InstrumentId id = 1; venue_.instrument(id, view); ++id) {
      if (view.symbol == symbol) return id;
    }
    return 0;
  }
  [[nodiscard]] bool concerns(InstrumentId id, const venue::Venue::InstrumentView& view) const {
    switch (scope_) {
      case venue::Scope::instrument:
        return id == target_;
      case venue::Scope::segment:
        return target_ != 0 && view.segment == target_;
      default:
        return true;
    }
  }

  void walk_instruments() {
    venue::Venue::InstrumentView view;
    for (InstrumentId id = 1; venue_.instrument(id, view); ++id) {
      if (!concerns(id, view)) continue;
      const std::uint64_t hits = is_in_short_ ? 0 : count_orders(id);
      // A member's halt stops no instrument; counted are those where it has orders.
      if (scope_ == venue::Scope::member && hits == 0) continue;
      ++instruments_;
      ++states_[std::string(venue::name_of(view.state))];
      note_if_stopped(view);
    }
  }
  // Those that rest, and those that wait for their trigger: none goes while its instrument is
  // stopped, and one whose member is stopped is cancelled when its turn comes.
  std::uint64_t count_orders(InstrumentId id) {
    std::uint64_t hits = 0;
    const auto is_hit = [&](const auto& order) {
      const bool is_concerned = scope_ != venue::Scope::member || order.member == target_;
      if (is_concerned) ++hits;
      return is_concerned;
    };
    for (const Side side : {Side::buy, Side::sell}) {
      venue_.books().for_each_order(id, side, [&](const market::Order& order) {
        if (!is_hit(order)) return;
        ++orders_;
        ++members_[order.member].orders;
      });
      venue_.waiting_stops().for_each(id, side, [&](const market::Stop& stop) {
        if (!is_hit(stop)) return;
        ++waiting_stops_;
        ++members_[stop.member].waiting_stops;
      });
    }
    return hits;
  }
  void note_if_stopped(const venue::Venue::InstrumentView& view) {
    const bool is_stopped = view.state == venue::InstrumentState::halted ||
                            view.state == venue::InstrumentState::cancel_only;
    if (!is_stopped || stopped_.size() >= kStoppedToldMax) return;
    stopped_.push_back(json::object{{"symbol", wire::trimmed(view.symbol)},
                                    {"segment", view.segment},
                                    {"state", venue::name_of(view.state)}});
  }
  // Also those who have nothing here: whoever looks wants to know that they are stopped.
  void find_halted_members() {
    venue::Venue::MemberView view;
    for (MemberId id = 1; venue_.member(id, view); ++id) {
      const bool is_concerned = scope_ != venue::Scope::member || id == target_;
      if (view.halted && is_concerned) (void)members_[id];
    }
  }
  json::array walk_sessions() {
    json::array sessions;
    venue::Venue::SessionView view;
    for (SessionId id = 1; venue_.session(id, view); ++id) {
      const bool is_concerned = scope_ != venue::Scope::member || view.member == target_;
      if (!is_concerned || (view.epoch == 0 && view.next_session_number == 1)) continue;
      if (is_in_short_ && view.gateway == 0) continue;
      if (view.gateway != 0) ++members_[view.member].sessions;
      sessions.push_back(json::object{{"session", id},
                                      {"member", view.member},
                                      {"gateway", view.gateway},
                                      {"last_user_reference", view.next_user_reference - 1},
                                      {"next_message", view.next_session_number}});
    }
    return sessions;
  }
  [[nodiscard]] json::object json_of(MemberId member, const Hit& hit) const {
    venue::Venue::MemberView view;
    const bool is_known = venue_.member(member, view);
    return {{"member", member},
            {"firm", is_known ? wire::trimmed(view.firm) : std::string_view()},
            {"halted", view.halted},
            {"orders", hit.orders},
            {"waiting_stops", hit.waiting_stops},
            {"sessions", hit.sessions}};
  }

  const venue::Venue& venue_;
  venue::Scope scope_;
  std::uint16_t target_;
  bool is_in_short_ = false;
  std::uint64_t instruments_ = 0;
  std::uint64_t orders_ = 0;
  std::uint64_t waiting_stops_ = 0;
  std::map<std::string, std::uint64_t> states_;
  json::array stopped_;
  std::map<MemberId, Hit> members_;
};

}  // namespace

std::string halt_preview(const venue::Venue& venue, const wire::PreviewRequest& request) {
  return Preview(venue, request).text();
}

}  // namespace okiagari::node
