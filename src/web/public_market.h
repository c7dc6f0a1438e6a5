// A desk with something to tell, for tests of the public pages: two incidents, components that are
// measured and set by hand, maintenance, a subscriber.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/signature.h"
#include "desk/components.h"
#include "desk/desk.h"
#include "desk/desk_port.h"
#include "desk/maintenances.h"
#include "desk/notices.h"
#include "desk/subscriptions.h"

namespace okiagari::web {

class PublicMarket final : public desk::DeskPort {
 public:
  static constexpr TimestampNs kSecond = 1'000'000'000;
  static constexpr TimestampNs kStart = 1'795'654'923 * kSecond;  // 2026-11-26 01:02:03 UTC

  explicit PublicMarket(const std::string& templates_path) {
    const auto& maintenances = desk_.add(std::make_unique<desk::Maintenances>());
    desk_.add(std::make_unique<desk::Components>(&maintenances));
    const auto& subscriptions = desk_.add(std::make_unique<desk::Subscriptions>());
    notices_ = &desk_.add(std::make_unique<desk::Notices>(&subscriptions));
    const auto templates = desk::NoticeTemplates::load(templates_path);
    apply("notice.templates", {{"templates", templates.value().to_json()}});
    apply("notice.key", {{"public_key", base::to_hex(key.public_key)}});
    apply("component.define",
          {{"components",
            {{{"id", "entry-1"},
              {"kind", "order_entry"},
              {"name", {{"en", "Order entry, gateway 1"}, {"ja", "注文受付（ゲートウェイ1）"}}}},
             {{"id", "matching"},
              {"kind", "matching"},
              {"name", {{"en", "Matching"}, {"ja", "売買のマッチング"}}}},
             {{"id", "feed"},
              {"kind", "market_data"},
              {"name", {{"en", "Market data"}, {"ja", "相場配信"}}}}}}});
  }

  // The error's text; empty when it was taken.
  std::string apply(const std::string& type, boost::json::object body,
                    const std::string& by = "desk") {
    desk::Entry entry;
    entry.type = type;
    entry.by = by;
    entry.at_ns = now_ns;
    entry.body = std::move(body);
    const base::Status status = desk_.apply(entry, ++index_);
    return status ? std::string() : status.error().message;
  }

  void tell(const std::string& incident, const std::string& template_id, int severity) {
    apply("notice.auto",
          {{"incident", incident},
           {"template", template_id},
           {"severity", severity},
           {"began_ns", kStart},
           {"title", {{"en", "orders <are> not matched & wait"}, {"ja", "注文が<約定>しない"}}},
           {"affected", {"matching"}},
           {"components", {"matching"}},
           {"trading_state", "cancel_only"}});
    sign();
  }
  void sign() {
    const std::vector<std::string> waiting = notices_->signing();
    for (const std::string& id : waiting) {
      const auto signature =
          base::sign(base::as_bytes(notices_->find(id)->signed_text), key.secret_key);
      apply("notice.signed", {{"notice", id}, {"signature", base::to_hex(signature)}});
    }
  }
  void measure(const std::string& component, const std::string& state) {
    apply("component.measured", {{"component", component}, {"state", state}}, "watch");
  }

  [[nodiscard]] const desk::Desk& desk() const override { return desk_; }
  [[nodiscard]] bool leads() const override { return is_leader; }
  [[nodiscard]] std::string leader_url() const override { return "http://127.0.0.1:7"; }
  void submit(desk::Entry entry, OnAnswer on_answer) override {
    last_answer = apply(entry.type, entry.body, entry.by);
    on_answer(last_answer.empty() ? base::Status() : base::Error{last_answer}, index_);
  }
  [[nodiscard]] boost::json::object live_picture() const override { return {}; }

  base::KeyPair key = base::key_pair_from_seed({});
  TimestampNs now_ns = kStart;
  bool is_leader = true;
  std::string last_answer;

 private:
  desk::Desk desk_;
  desk::Notices* notices_ = nullptr;
  std::uint64_t index_ = 0;
};

}  // namespace okiagari::web
