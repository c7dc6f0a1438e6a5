#include "watch/vantage_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <utility>

namespace okiagari::watch {

namespace json = boost::json;

namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kGatewaysMax = 1'000;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool read_gateway(const json::value& value, VantageView::Gateway& into) {
  const json::object* object = value.if_object();
  if (object == nullptr) return false;
  const json::value* gateway = object->if_contains("gateway");
  const json::value* serving = object->if_contains("serving");
  const json::value* answers = object->if_contains("answers");
  if (gateway == nullptr || serving == nullptr || answers == nullptr) return false;
  boost::system::error_code wrong;
  into.gateway = gateway->to_number<GatewayId>(wrong);
  if (wrong || into.gateway == 0) return false;
  into.answers = answers->to_number<std::uint64_t>(wrong);
  if (wrong || !serving->is_bool()) return false;
  into.is_serving = serving->get_bool();
  return true;
}

}  // namespace

VantageView view_of(const std::string& name, const Picture& picture) {
  VantageView view{.name = name, .gateways = {}};
  if (!picture.has_canary) return view;
  for (const Picture::Gateway& one : picture.gateways) {
    view.gateways.push_back({one.gateway, one.is_serving, one.answers});
  }
  return view;
}

std::string vantage_view_text(const VantageView& view) {
  json::array gateways;
  for (const VantageView::Gateway& one : view.gateways) {
    gateways.push_back(
        {{"gateway", one.gateway}, {"serving", one.is_serving}, {"answers", one.answers}});
  }
  return json::serialize(json::object{{"name", view.name}, {"gateways", std::move(gateways)}});
}

base::Result<VantageView> parse_vantage_view(std::string_view text) {
  if (text.size() > kVantageViewBytesMax) return base::Error{"the view is too long"};
  boost::system::error_code wrong;
  const json::value document = json::parse(text, wrong);
  const json::object* object = wrong ? nullptr : document.if_object();
  if (object == nullptr) return base::Error{"the view is no JSON object"};
  VantageView view;
  const json::value* name = object->if_contains("name");
  if (name == nullptr || !name->is_string() || !is_name(name->get_string())) {
    return base::Error{"the view has no 'name' of at most 64 printable characters"};
  }
  view.name = name->get_string();
  const json::value* gateways = object->if_contains("gateways");
  if (gateways == nullptr || !gateways->is_array() || gateways->get_array().size() > kGatewaysMax) {
    return base::Error{"the view has no list of at most 1,000 'gateways'"};
  }
  for (const json::value& value : gateways->get_array()) {
    if (!read_gateway(value, view.gateways.emplace_back())) {
      return base::Error{"a gateway of the view lacks 'gateway', 'serving' or 'answers'"};
    }
  }
  return view;
}

}  // namespace okiagari::watch
