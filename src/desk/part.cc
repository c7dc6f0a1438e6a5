#include "desk/part.h"

namespace okiagari::desk {

void Context::note(std::string incident, std::string kind, Words words, boost::json::object data) {
  TimelineItem item;
  item.at_ns = now_ns;
  item.index = index;
  item.incident = std::move(incident);
  item.kind = std::move(kind);
  item.by = by;
  item.words = std::move(words);
  item.data = std::move(data);
  timeline.add(std::move(item));
}

void Context::follow(std::string type, boost::json::object body) {
  Entry entry;
  entry.type = std::move(type);
  entry.by = by;
  entry.at_ns = now_ns;
  entry.body = std::move(body);
  following.push_back(std::move(entry));
}

}  // namespace okiagari::desk
