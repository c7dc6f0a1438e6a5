// What the desk's doors (web, command line) may do with it: look, and submit entries.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "desk/desk.h"
#include "desk/entry.h"

namespace okiagari::desk {

class DeskPort {
 public:
  virtual ~DeskPort() = default;

  [[nodiscard]] virtual const Desk& desk() const = 0;
  // Only the desk's leader takes entries; the others know where it is, as a URL, when they do.
  [[nodiscard]] virtual bool leads() const = 0;
  [[nodiscard]] virtual std::string leader_url() const = 0;
  // Where the others are, for people whose desk dies under their hands.
  [[nodiscard]] virtual std::vector<std::string> other_urls() const { return {}; }

  // Into the log. `on_answer` is called once, when the entry was applied on this replica: with the
  // refusal if it was one, or an error that says its fate is unknown (leadership was lost; a repeat
  // with the same `request` is safe).
  using OnAnswer = std::function<void(base::Status, std::uint64_t index)>;
  virtual void submit(Entry entry, OnAnswer on_answer) = 0;

  // What the watch sees at this moment: servers, gateways, canary. Not in the log.
  [[nodiscard]] virtual boost::json::object live_picture() const = 0;
};

}  // namespace okiagari::desk
