// The playbook at work on each incident: which step is where. Steps start and end by the news of
// the timeline; when a limit passes and nobody has decided, the default happens by itself. Two
// people together may give a step more time; one may say that it is done or does not apply.
//
// Entries: playbook.done {incident, step}; playbook.skip {incident, step, reason}; playbook.extend
// {incident, step, seconds, reason}.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"
#include "desk/playbook.h"

namespace okiagari::desk {

enum class StepState : std::uint8_t { pending, active, done, skipped, defaulted };
[[nodiscard]] std::string_view to_string(StepState state);

class PlaybookRuns final : public Part {
 public:
  struct Step {
    StepState state = StepState::pending;
    TimestampNs started_ns = 0;
    TimestampNs ended_ns = 0;
    TimestampNs limit_ns = kNever;
    std::string extended_by;  // the first of the two who must agree
  };
  struct Run {
    boost::json::object about;  // the incident, as it is told to the entries that steps make
    std::vector<Step> steps;    // as in the playbook
  };

  // `incidents` is borrowed.
  PlaybookRuns(Playbook playbook, const Incidents& incidents)
      : playbook_(std::move(playbook)), incidents_(incidents) {}

  [[nodiscard]] const Run* find(const std::string& incident) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"playbook"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  void start(const std::string& incident, Run& run, std::size_t at, Context& context);
  void end(const std::string& incident, Run& run, std::size_t at, StepState state, Words why,
           Context& context);
  void make(const std::vector<PlaybookAct>& acts, const Run& run, Context& context);
  base::Status extend(const std::string& incident, Step& step, std::size_t at, const Entry& entry,
                      Context& context);

  Playbook playbook_;
  const Incidents& incidents_;
  std::map<std::string, Run> runs_;
};

}  // namespace okiagari::desk
