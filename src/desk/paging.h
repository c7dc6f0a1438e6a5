// Calling people until somebody has said that he is on it. A page goes through the steps of its
// policy by time; each person is called once in a step, on his first route, and on the next one
// when that has failed, is of unknown fate, or stays unanswered. An acknowledgement stops all of
// it: what has not left is withdrawn, and other pagers are told.
//
// Entries: contact.tree {text, zones}; page.start {incident, severity, title, policy?, words?};
// page.acknowledge {incident, person?, comment?}; page.escalate {incident, step?};
// page.link {incident, person, route?}; page.hand_over {incident, to, comment?}; page.snooze
// {incident, seconds, reason}; page.close {incident}; page.effect {key, state, outcome} from the
// outbox.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "desk/contact_tree.h"
#include "desk/maintenance_cover.h"
#include "desk/part.h"

namespace okiagari::desk {

enum class PageState : std::uint8_t {
  calling,
  snoozed,       // calls again from its first step when that is over
  acknowledged,  // by all who had to
  exhausted,     // every step was taken, nobody has answered
  ended,         // the incident is over, or another page has taken its place
};
[[nodiscard]] std::string_view to_string(PageState state);

// One person in one step of a page.
struct Call {
  std::string person;
  std::size_t routes_used = 0;
  TimestampNs second_route_ns = kNever;
  bool is_held = false;    // his budget of the hour was spent
  bool is_failed = false;  // no route was left
};

struct StepRun {
  std::uint32_t number = 0;  // from 1, over all rounds of the page
  TimestampNs begun_ns = 0;
  PolicyStep step;
  std::vector<Call> calls;
};

struct Acknowledgement {
  TimestampNs at_ns = 0;
  std::string comment;
};

struct Page {
  std::string id;  // the incident's, and ".2" for its second page
  std::string incident;
  int severity = 4;
  Words title;
  Words words;  // what is known; may be empty
  Policy policy;
  PageState state = PageState::calling;
  TimestampNs began_ns = 0;
  std::size_t next_step = 0;    // of the policy
  std::uint32_t round = 0;      // from 0
  TimestampNs due_ns = kNever;  // of the next step, or the snooze's end
  std::vector<StepRun> steps;
  std::map<std::string, Acknowledgement> acknowledged;  // by person

  [[nodiscard]] bool is_live() const {
    return state != PageState::acknowledged && state != PageState::ended;
  }
  // Those of begun steps who must acknowledge and have not.
  [[nodiscard]] std::vector<std::string> missing() const;
};

class Paging final : public Part {
 public:
  static constexpr std::uint32_t kSnoozeMaxS = 4 * 3'600;
  static constexpr std::uint32_t kAcknowledgeForS = 24 * 3'600;  // how long a link is good

  // Nobody is called for what `cover` covers, for as long as it does; without it, everybody is.
  explicit Paging(std::optional<MaintenanceCover> cover = std::nullopt) : cover_(cover) {}
  // For trying a tree out.
  explicit Paging(ContactTree tree) : tree_(std::move(tree)) {}

  [[nodiscard]] const ContactTree& tree() const { return tree_; }
  [[nodiscard]] const std::map<std::string, Page>& pages() const { return pages_; }
  // The last page of that incident; null when there is none.
  [[nodiscard]] const Page* page_of(std::string_view incident) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"contact", "page"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  struct CallPlace {
    std::string page;
    std::uint32_t step = 0;
    std::string person;
  };

  base::Status take_tree(const Entry& entry, Context& context);
  base::Status start(const Entry& entry, Context& context);
  base::Status start_again(Page& before, const Entry& entry, std::int64_t severity,
                           Context& context);
  void call_for_uncovered(const TimelineItem& item, Context& context);
  base::Status acknowledge(Page& page, const Entry& entry, Context& context);
  base::Status escalate(Page& page, const Entry& entry, Context& context);
  base::Status hand_over(Page& page, const Entry& entry, Context& context);
  base::Status link(Page& page, const Entry& entry, Context& context);
  base::Status snooze(Page& page, const Entry& entry, Context& context);
  void effect_ended(const Entry& entry, Context& context);

  Page* find_page(std::string_view incident);
  void begin(Page page, Context& context);
  void begin_next_step(Page& page, Context& context);
  void begin_step(Page& page, const PolicyStep& step, Context& context);
  void begin_calls(Page& page, const PolicyStep& step, std::vector<Call> calls, Context& context);
  void plan_next(Page& page, Context& context);
  [[nodiscard]] static bool is_lost(const Page& page);
  void do_due(Page& page, Context& context);
  void call(Page& page, StepRun& run, Call& call, Context& context);
  void fail(Page& page, StepRun& run, Call& call, const Words& why, Context& context);
  [[nodiscard]] bool spend(const Page& page, const Call& call, TimestampNs now_ns);
  void end(Page& page, PageState state, Context& context);
  void tell_pagers(const Page& page, std::string_view action, Context& context);

  std::optional<MaintenanceCover> cover_;
  std::map<std::string, boost::json::object, std::less<>> silenced_;  // by incident: how to call
  ContactTree tree_;
  std::map<std::string, Page> pages_;                // by id
  std::map<std::string, std::string> last_;          // id of an incident's last page
  std::map<std::string, std::uint32_t> page_count_;  // by incident
  std::map<std::string, CallPlace> places_;          // by the effect's key
  // When each person was called within the last hour.
  std::map<std::string, std::deque<TimestampNs>> called_;
};

[[nodiscard]] boost::json::object to_json(const Page& page);

}  // namespace okiagari::desk
