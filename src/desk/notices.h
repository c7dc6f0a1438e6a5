// What the public and the members are told: drafts, their release by two people or by a template
// that was approved in advance, the signature, all channels at one place of the log, the clock of
// the next update, and what became of each delivery.
//
// Entries: notice.templates {templates}; notice.channels {channels}; notice.key {public_key};
// notice.clock {every_s, warn_after_s, limit_s};
// notice.auto {incident, template, facts...}; notice.draft {incident, template or subject and text,
// status, facts..., supersedes, correction_reason}; notice.approve {notice}; notice.reject {notice,
// reason}; notice.signed {notice, signature}; notice.cause {incident, cause, evidence};
// notice.effect from the outbox.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/signature.h"
#include "desk/notice.h"
#include "desk/notice_template.h"
#include "desk/part.h"
#include "desk/promises.h"

namespace okiagari::desk {

class Subscriptions;

// Where every notice goes, beside the subscribers.
struct NoticeChannel {
  std::string id;
  std::string kind;          // of the effect: "file", "webhook", "mail"
  boost::json::object with;  // what the hands need to know: address, folder
};

class Notices final : public Part {
 public:
  static constexpr TimestampNs kMinuteNs = 60'000'000'000;
  // What is promised unless the configuration promises more.
  static constexpr TimestampNs kUpdateEveryNs = 15 * kMinuteNs;
  static constexpr TimestampNs kWarnAfterNs = 10 * kMinuteNs;
  static constexpr TimestampNs kHardLimitNs = 30 * kMinuteNs;
  // Without a signature by then it goes out unsigned and says so: being told counts more.
  static constexpr TimestampNs kSigningLimitNs = 10'000'000'000;
  static constexpr std::size_t kNoticesMax = 20'000;
  static constexpr std::size_t kDraftsOfIncidentMax = 500;

  // `subscriptions` may be null: then there are no subscribers.
  explicit Notices(const Subscriptions* subscriptions = nullptr) : subscriptions_(subscriptions) {}

  [[nodiscard]] const Notice* find(std::string_view id) const;
  // In order of drafting.
  [[nodiscard]] const std::vector<Notice>& all() const { return notices_; }
  // Released ones of the incident, by number.
  [[nodiscard]] std::vector<const Notice*> released(std::string_view incident) const;
  // Ids of those that wait for a signature, in order of approval.
  [[nodiscard]] const std::vector<std::string>& signing() const { return signing_; }
  [[nodiscard]] const std::optional<base::PublicKey>& public_key() const { return public_key_; }
  [[nodiscard]] const Promises& promises() const { return promises_; }

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"notice"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  // Maintenance is told to subscribers as it is planned, moved, begun and ended.
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  // The clock of one incident that has been told of and is not over.
  struct Clock {
    TimestampNs last_ns = 0;  // of the last release
    bool is_running = false;
    bool is_warned = false;
    bool is_no_change_made = false;
    bool is_breached = false;
  };
  using Act = base::Status (Notices::*)(const Entry&, Context&);
  base::Status set_templates(const Entry& entry, Context& context);
  base::Status set_channels(const Entry& entry, Context& context);
  base::Status set_key(const Entry& entry, Context& context);
  base::Status set_clock(const Entry& entry, Context& context);
  base::Status make_auto(const Entry& entry, Context& context);
  base::Status draft(const Entry& entry, Context& context);
  base::Status approve(const Entry& entry, Context& context);
  base::Status reject(const Entry& entry, Context& context);
  base::Status take_signature(const Entry& entry, Context& context);
  base::Status state_cause(const Entry& entry, Context& context);
  base::Status take_fate(const Entry& entry, Context& context);

  Notice* find_in(const Entry& entry, NoticeState state, base::Status& why);
  base::Status check_room(const std::string& incident) const;
  [[nodiscard]] const Notice* last_released(const std::string& incident) const;
  [[nodiscard]] std::string status_before(const std::string& incident) const;
  [[nodiscard]] std::uint64_t last_number(const std::string& incident) const;
  Notice& keep(Notice notice, Context& context);
  base::Result<Notice> read_draft(const Entry& entry, const Context& context) const;
  base::Status read_text(const Entry& entry, Notice& notice) const;
  base::Status read_correction(const Entry& entry, Notice& notice) const;
  void write_text(Notice& notice) const;
  void issue(Notice& notice, std::string approved_by, Context& context);
  void release(Notice& notice, Context& context);
  void send(Notice& notice, Context& context);
  void send_to_subscribers(Notice& notice, Context& context);
  void add_delivery(Notice& notice, std::string channel, std::string kind, boost::json::object what,
                    Context& context);
  void keep_promises(const Notice& notice, Context& context);
  void advance_clock(const std::string& incident, Clock& clock, Context& context);
  [[nodiscard]] TimestampNs next_of(const Clock& clock) const;

  const Subscriptions* subscriptions_;
  TimestampNs update_every_ns_ = kUpdateEveryNs;
  TimestampNs warn_after_ns_ = kWarnAfterNs;
  TimestampNs hard_limit_ns_ = kHardLimitNs;
  NoticeTemplates templates_;
  std::vector<NoticeChannel> channels_;
  std::optional<base::PublicKey> public_key_;
  std::vector<Notice> notices_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_incident_;
  std::map<std::string, Clock> clocks_;
  std::map<std::string, Words> causes_;                        // by incident
  std::map<std::string, std::size_t, std::less<>> by_effect_;  // key to notice
  std::vector<std::string> signing_;
  Promises promises_;
};

}  // namespace okiagari::desk
