// A market of real processes with its desks beside it, and a mail server of Debian's where a test
// reads what was sent.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/desk_record.h"
#include "cli/mail_receiver.h"
#include "deployment/desk_deployment.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {

class DeskOfRealProcesses : public TestMarket {
 protected:
  // `settings`: tables added to each desk's configuration, `node_settings` to each server's.
  void begin(std::size_t desks, bool has_mail = true, const std::string& settings = "",
             const std::string& node_settings = "") {
    deployment::DeploymentOptions options = this->options();
    options.node_settings = "[journal]\nsegment_mib = 4\nmin_free_mib = 1\n" + node_settings;
    start(options);
    if (has_mail) {
      auto mail = cli::MailReceiver::start(folder_ + "/mail");
      ASSERT_TRUE(mail.ok()) << mail.error().message;
      mail_.emplace(std::move(mail.value()));
    }
    deployment::DeskDeploymentOptions desk;
    desk.market_folder = folder_;
    desk.program = OKIAGARI_PROGRAM;
    desk.desks = desks;
    desk.settings = settings;
    if (mail_) desk.mail_server = mail_->endpoint();
    auto prepared = deployment::DeskDeployment::prepare(std::move(desk));
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    desks_ = std::move(prepared.value());
    const base::Status started = desks_->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    // The desk that leads has taken its files into the log and sees the market.
    ASSERT_TRUE(wait_until([&] { return leader() != 0 && record().first("contact.tree"); }));
    ASSERT_TRUE(wait_until([&] { return market_->find_leader(0) != 0; }));
  }
  void TearDown() override {
    desks_ = nullptr;
    mail_.reset();
    TestMarket::TearDown();
  }
  // Of whichever desk has written most.
  [[nodiscard]] cli::DeskRecord record() const {
    cli::DeskRecord most;
    for (const auto& place : desks_->places()) {
      auto read = cli::read_desk_record(place.folder);
      if (read && read.value().items.size() > most.items.size()) most = std::move(read.value());
    }
    return most;
  }
  // By what it says of itself in its log; 0 when none does.
  [[nodiscard]] NodeId leader() const {
    NodeId found = 0;
    for (const auto& place : desks_->places()) {
      std::ifstream file(place.folder + "/output.log");
      const std::string log(std::istreambuf_iterator<char>(file), {});
      const std::size_t leads = log.rfind("this desk leads");
      if (leads == std::string::npos) continue;
      if (log.find("leads no longer", leads) == std::string::npos) found = place.desk;
    }
    return found;
  }
  [[nodiscard]] bool wait_for(const std::vector<std::string>& kinds) {
    return wait_until(
        [&] {
          desks_->supervise();
          const cli::DeskRecord seen = record();
          return std::all_of(kinds.begin(), kinds.end(),
                             [&](const std::string& kind) { return seen.first(kind) != nullptr; });
        },
        60'000);
  }
  // The last command that any server has applied.
  [[nodiscard]] std::int64_t furthest() const {
    std::int64_t most = 0;
    for (const auto& report : reports()) {
      most = std::max(most, report.at("sequence").to_number<std::int64_t>());
    }
    return most;
  }
  void kill_leading_node() {
    const NodeId node = market_->find_leader(5'000);
    ASSERT_NE(node, 0);
    market_->signal_node(node, SIGKILL);
  }
  // What the mail server got, by Message-ID.
  [[nodiscard]] std::map<std::string, int> mails() const {
    std::map<std::string, int> count;
    for (const cli::ReceivedMail& mail : cli::read_maildir(mail_->maildir())) {
      ++count[mail.message_id];
    }
    return count;
  }

  std::optional<cli::MailReceiver> mail_;
  std::unique_ptr<deployment::DeskDeployment> desks_;
};

}  // namespace okiagari
