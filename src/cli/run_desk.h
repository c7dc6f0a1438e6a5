// The desk's share in a run: it watches the market that is run, calls people by a real mail server,
// and what it wrote down is judged afterwards against the clocks it promises to keep.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/report.h"
#include "base/result.h"
#include "base/types.h"
#include "cli/desk_record.h"
#include "cli/mail_receiver.h"
#include "deployment/desk_deployment.h"

namespace okiagari::cli {

// One line of what the desk did, for the page.
struct DeskStoryLine {
  double ms = 0;  // since the fault
  std::string kind;
  std::string en;
  std::string ja;
};

struct DeskStory {
  std::vector<DeskStoryLine> lines;
  std::vector<DeskStoryLine> situation_report;  // its sentences; ms and kind are empty
  std::size_t mails_delivered = 0;              // read back from the mail server
};

class RunDesk {
 public:
  // Starts desks beside the market in that folder, and a mail server; `out` gets the mails.
  static base::Result<std::unique_ptr<RunDesk>> start(
      const std::string& market_folder, const std::string& out, std::size_t desks,
      const std::function<void(const std::string&)>& tell);

  void supervise() { desks_->supervise(); }
  [[nodiscard]] deployment::DeskDeployment& desks() { return *desks_; }
  // From the wall clock; what the desk does before is not about the fault.
  void fault_happens(TimestampNs at_ns) { fault_ns_ = at_ns; }

  // Whether the desk has come to all of these kinds of its timeline since the fault.
  [[nodiscard]] bool has_come_to(const std::vector<std::string>& kinds) const;
  // Ends the desks, reads back what they wrote and what the mail server got.
  base::Status finish();

  [[nodiscard]] const DeskStory& story() const { return story_; }
  [[nodiscard]] const DeskRecord& record() const { return record_; }
  // Adds the desk's clocks to a run's report: seen, sized up, thought of, called, told, observed.
  void judge(base::Report& report) const;
  // The same without a fail-over to observe.
  void judge_first_response(base::Report& report) const;

 private:
  RunDesk() = default;
  [[nodiscard]] std::optional<double> ms_of(std::string_view kind) const;
  void judge_within(const char* name, std::string_view kind, double most_ms,
                    base::Report& report) const;
  void judge_pages(base::Report& report) const;
  void judge_notices(base::Report& report) const;
  void tell_story();

  std::unique_ptr<deployment::DeskDeployment> desks_;
  std::optional<MailReceiver> mail_;
  TimestampNs fault_ns_ = 0;
  DeskRecord record_;
  std::vector<ReceivedMail> mails_;
  DeskStory story_;
};

}  // namespace okiagari::cli
