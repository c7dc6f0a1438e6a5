#include "web/event_streams.h"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

namespace okiagari::web {

bool EventStreams::has_room() {
  std::erase_if(readers_, [](const Reader& reader) { return !reader.stream.is_open(); });
  return readers_.size() < kMost;
}

void EventStreams::add(net::HttpStream stream, std::uint64_t after, std::uint64_t now_ms) {
  readers_.push_back({std::move(stream), after, now_ms + kLongestMs, false});
  catch_up(readers_.back());
}

void EventStreams::catch_up(Reader& reader) const {
  const auto& items = port_.desk().timeline().items();
  std::size_t sent = 0;
  while (reader.after < items.size() && sent++ < kCatchUpMost) {
    const desk::TimelineItem& item = items[reader.after];
    if (!reader.stream.send("timeline", std::to_string(item.number),
                            boost::json::serialize(desk::to_json(item)))) {
      return;
    }
    reader.after = item.number;
  }
}

std::uint64_t EventStreams::tick(std::uint64_t now_ms) {
  if (readers_.empty()) return std::numeric_limits<std::uint64_t>::max();
  bool is_new_picture = false;
  if (now_ms >= picture_due_ms_) {
    picture_due_ms_ = now_ms + kPictureEveryMs;
    boost::json::object picture = port_.live_picture();
    picture["desk_leads"] = port_.leads();
    std::string text = boost::json::serialize(picture);
    is_new_picture = text != picture_;
    picture_ = std::move(text);
  }
  for (Reader& reader : readers_) {
    if (now_ms >= reader.ends_ms) {
      reader.stream.close();
      continue;
    }
    catch_up(reader);
    if (is_new_picture || !reader.has_picture) {
      reader.has_picture = reader.stream.send("picture", "", picture_);
    }
  }
  std::erase_if(readers_, [](const Reader& reader) { return !reader.stream.is_open(); });
  return now_ms + kItemsEveryMs;
}

}  // namespace okiagari::web
