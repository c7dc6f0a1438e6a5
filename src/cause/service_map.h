// The services of a foreign system by the names their measures have, and who calls whom.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cause/foreign_data.h"
#include "cause/topology.h"

namespace okiagari::cause {

class ServiceMap {
 public:
  explicit ServiceMap(const ForeignData& data);

  // The entity that has this name, or the only instance "name-..." of it, in letters of any size.
  [[nodiscard]] std::string resolve(const std::string& name) const;
  // Those that it calls, directly or through others.
  [[nodiscard]] const std::set<std::string>& reached_from(const std::string& caller) const;
  [[nodiscard]] const std::set<std::string>& callees(const std::string& caller) const;
  [[nodiscard]] const std::set<std::string>& callers(const std::string& callee) const;
  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const std::set<std::string>& entities() const { return entities_; }

 private:
  void connect(const std::string& caller, const std::string& callee);

  std::set<std::string> entities_;
  std::map<std::string, std::string> by_lower_;  // their names in small letters
  std::map<std::string, std::set<std::string>> callees_;
  std::map<std::string, std::set<std::string>> callers_;
  std::map<std::string, std::set<std::string>> reached_;
  Topology topology_;
};

}  // namespace okiagari::cause
