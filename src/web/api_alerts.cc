// Alerts of other systems and public messages become evidence.
#include <boost/json.hpp>

#include "base/hash.h"
#include "net/problem.h"
#include "watch/hazard.h"
#include "watch/reporter.h"
#include "web/answers.h"
#include "web/api.h"
#include "web/foreign_alerts.h"

namespace okiagari::web {

namespace {

bool is_one_of(const std::vector<std::string>& keys, std::string_view shown) {
  const base::Digest given = base::digest(base::as_bytes(shown));
  bool found = false;
  for (const std::string& key : keys) {
    if (base::equal_constant_time(base::digest(base::as_bytes(key)), given)) found = true;
  }
  return found;
}

std::string_view bearer(const net::HttpRequest& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view header = request.header("authorization").value_or("");
  return header.starts_with(kBearer) ? header.substr(kBearer.size()) : std::string_view{};
}

// Under a name of its own: the same message sent again is the same observation.
base::Result<ForeignAlerts> read_public_message(std::string_view xml,
                                                const std::vector<watch::SiteSettings>& sites,
                                                TimestampNs now_ns) {
  const auto hazard = watch::parse_hazard(xml);
  if (!hazard) return hazard.error();
  const std::string name = base::to_hex(base::digest(base::as_bytes(xml))).substr(0, 16);
  ForeignAlerts read;
  watch::Reporter reporter("public-message." + name, [&](watch::Evidence evidence) {
    read.evidence.push_back(std::move(evidence));
  });
  for (watch::Observation& one : watch::concerns(hazard.value(), sites)) {
    reporter.report({net::Loop::now_ms(), now_ns}, std::move(one));
  }
  return read;
}

base::Result<ForeignAlerts> read_foreign(Work work, const net::HttpRequest& request,
                                         const ApiOptions& options) {
  if (work == Work::pager) return read_pager_event(request.body, options.wall_ns());
  if (work == Work::public_message) {
    return read_public_message(request.body, options.sites, options.wall_ns());
  }
  return read_alertmanager(request.body, options.wall_ns());
}

}  // namespace

void Api::take_alerts(const Call& call, net::HttpReply reply) {
  const auto send = [&](net::HttpResponse response) {
    add_security_headers(response, call.request.is_tls);
    reply.send(std::move(response));
  };
  const bool is_pager = call.route.work == Work::pager;
  auto read = read_foreign(call.route.work, call.request, options_);
  const std::string key =
      is_pager && read.ok() ? read.value().key : std::string(bearer(call.request));
  if (key.empty() || !is_one_of(options_.alert_keys, key)) {
    return send(net::problem(401, "this sender of alerts is not known"));
  }
  if (!read) return send(net::problem(400, read.error().message));
  boost::json::array items;
  for (const watch::Evidence& evidence : read.value().evidence) {
    items.push_back(watch::to_json(evidence));
  }
  boost::json::object body{{"items", std::move(items)}};
  if (boost::json::serialize(body).size() > kBodyBytesMax) {
    return send(net::problem(413, "too many alerts at once"));
  }
  boost::json::object more;
  if (is_pager) {
    more = {{"status", "success"},
            {"message", "Event processed"},
            {"dedup_key", read.value().dedup_key}};
  }
  submit(call, std::move(body), std::move(reply), std::move(more));
}

}  // namespace okiagari::web
