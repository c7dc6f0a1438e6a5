#include "cause/service_map.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace okiagari::cause {

namespace {

const std::set<std::string>& found_in(const std::map<std::string, std::set<std::string>>& map,
                                      const std::string& key) {
  static const std::set<std::string> kNone;
  const auto found = map.find(key);
  return found == map.end() ? kNone : found->second;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

ServiceMap::ServiceMap(const ForeignData& data) {
  for (const Series& series : data.series()) {
    if (series.peer.empty()) entities_.insert(series.entity);
  }
  std::unordered_map<NameId, NameId> entity_of_span;
  for (const Span& span : data.spans()) {
    entity_of_span[span.span] = span.entity;
    entities_.insert(data.name(span.entity));
  }
  for (const Step& step : data.steps()) entities_.insert(data.name(step.entity));
  for (const std::string& entity : entities_) by_lower_[lower(entity)] = entity;
  for (const Call& call : data.calls()) connect(resolve(call.caller), resolve(call.callee));
  for (const Series& series : data.series()) {
    if (!series.peer.empty()) connect(resolve(series.entity), resolve(series.peer));
  }
  std::set<std::pair<NameId, NameId>> seen;
  for (const Span& span : data.spans()) {
    const auto parent = entity_of_span.find(span.parent);
    if (parent == entity_of_span.end() || parent->second == span.entity) continue;
    if (!seen.insert({parent->second, span.entity}).second) continue;
    connect(data.name(parent->second), data.name(span.entity));
  }
  for (const auto& [caller, direct] : callees_) {
    std::vector<std::string> open(direct.begin(), direct.end());
    std::set<std::string>& reached = reached_[caller];
    while (!open.empty()) {
      const std::string next = std::move(open.back());
      open.pop_back();
      if (!reached.insert(next).second) continue;
      const std::set<std::string>& further = found_in(callees_, next);
      open.insert(open.end(), further.begin(), further.end());
    }
    reached.erase(caller);
  }
}

void ServiceMap::connect(const std::string& caller, const std::string& callee) {
  if (caller == callee || !topology_.connect(caller, callee)) return;
  callees_[caller].insert(callee);
  callers_[callee].insert(caller);
  entities_.insert(caller);
  entities_.insert(callee);
}

std::string ServiceMap::resolve(const std::string& name) const {
  const std::string prefix = lower(name) + "-";
  const auto first = by_lower_.lower_bound(prefix);
  if (first != by_lower_.end() && first->first.starts_with(prefix)) {
    const auto second = std::next(first);
    const bool is_only = second == by_lower_.end() || !second->first.starts_with(prefix);
    if (is_only) return first->second;
  }
  return name;
}

const std::set<std::string>& ServiceMap::reached_from(const std::string& caller) const {
  return found_in(reached_, caller);
}

const std::set<std::string>& ServiceMap::callees(const std::string& caller) const {
  return found_in(callees_, caller);
}

const std::set<std::string>& ServiceMap::callers(const std::string& callee) const {
  return found_in(callers_, callee);
}

}  // namespace okiagari::cause
