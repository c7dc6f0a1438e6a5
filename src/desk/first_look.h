// What the leading desk thinks about each open incident, and says in its log: how big it is, the
// situation report, the causes in question. It looks again whenever something new was seen.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "cause/cause_table.h"
#include "cause/topology.h"
#include "desk/desk_port.h"
#include "desk/incidents.h"
#include "desk/sizing.h"

namespace okiagari::desk {

class FirstLook {
 public:
  // All borrowed. `topology` says what stands where: servers on hosts, gateways before servers.
  FirstLook(DeskPort& port, const Sizing& sizing, const cause::CauseTable& table,
            const cause::Topology& topology)
      : port_(port), sizing_(sizing), table_(table), topology_(topology) {}

  // Does what is due; returns when the next is, in monotonic milliseconds.
  std::uint64_t tick(std::uint64_t now_ms);

 private:
  struct Look {
    std::uint64_t sized_ms = 0;  // when it was last done; 0: never
    std::uint64_t thought_ms = 0;
    std::uint64_t reported_ms = 0;
    std::string facts;  // as last said
    std::string report;
    std::string hypotheses;
    boost::json::array thoughts;  // of the cause, in sentences
    std::size_t evidence = 0;     // when the causes were last thought of
  };
  void size_up(const Incident& incident, Look& look, std::uint64_t now_ms);
  void report(const Incidents& incidents, const Incident& incident, Look& look,
              std::uint64_t now_ms);
  void think(const Incidents& incidents, const Incident& incident, Look& look,
             std::uint64_t now_ms);
  void submit(const char* type, const Incident& incident, std::string_view key,
              boost::json::value value);

  DeskPort& port_;
  const Sizing& sizing_;
  const cause::CauseTable& table_;
  const cause::Topology& topology_;
  std::map<std::string, Look> looks_;
};

}  // namespace okiagari::desk
