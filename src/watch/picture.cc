#include "watch/picture.h"

#include <boost/json.hpp>
#include <utility>

namespace okiagari::watch {

namespace json = boost::json;

json::object to_json(const Picture& picture) {
  json::array servers;
  for (const Picture::Server& one : picture.servers) {
    servers.push_back({{"node", one.node},
                       {"state", one.state},
                       {"role", one.role},
                       {"open", one.is_open},
                       {"term", one.term},
                       {"applied", one.applied},
                       {"lag_ms", one.lag_ms},
                       {"heard_ms_ago", one.heard_ms_ago},
                       {"log_first", one.log_first},
                       {"log_last", one.log_last},
                       {"log_synced", one.log_synced},
                       {"log_committed", one.log_committed},
                       {"log_bytes", one.log_bytes},
                       {"checkpoint", one.checkpoint},
                       {"state_hash", one.state_hash}});
  }
  json::array gateways;
  for (const Picture::Gateway& one : picture.gateways) {
    gateways.push_back({{"gateway", one.gateway},
                        {"state", one.state},
                        {"serving", one.is_serving},
                        {"acknowledged_ms", one.acknowledged_ms},
                        {"median_ms", one.median_ms},
                        {"on_feed_ms", one.on_feed_ms},
                        {"orders", one.orders},
                        {"answers", one.answers}});
  }
  return {{"at_ns", picture.at_ns},
          {"leader", picture.leader},
          {"term", picture.term},
          {"feed_head", picture.feed_head},
          {"canary", picture.has_canary},
          {"servers", std::move(servers)},
          {"gateways", std::move(gateways)},
          {"host",
           {{"processor_percent", picture.host.processor_percent},
            {"stolen_percent", picture.host.stolen_percent},
            {"memory_available_percent", picture.host.memory_available_percent},
            {"disk_free_percent", picture.host.disk_free_percent},
            {"disk_probe_ms", picture.host.disk_probe_ms}}}};
}

}  // namespace okiagari::watch
