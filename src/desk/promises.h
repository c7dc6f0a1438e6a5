// Times that were promised to the public, and whether they were kept. The first one missed in an
// incident calls people: a missed promise costs more trust than the outage.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"

namespace okiagari::desk {

struct Promise {
  std::uint64_t number = 0;  // from 1
  std::string incident;
  std::string what;  // "next_update", "recovery"
  std::string notice;
  TimestampNs made_ns = 0;
  TimestampNs due_ns = 0;
  TimestampNs ended_ns = 0;
  std::string state = "open";  // kept, revised (before it was due), missed
};

class Promises {
 public:
  static constexpr std::size_t kMost = 50'000;

  // Takes the place of an open one of the same kind, which is kept (an update) or revised (a new
  // time of recovery).
  void make(Promise promise, std::string_view end_of_the_last, Context& context);
  void keep(const std::string& incident, std::string_view what, Context& context);

  [[nodiscard]] const std::vector<Promise>& all() const { return promises_; }
  [[nodiscard]] TimestampNs next_due_ns() const;
  void advance(Context& context);
  [[nodiscard]] boost::json::array view() const;

 private:
  void end(const std::string& incident, std::string_view what, std::string_view state,
           Context& context);

  std::vector<Promise> promises_;
};

}  // namespace okiagari::desk
