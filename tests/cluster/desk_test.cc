// Goal: the outage desk of a market of real processes does its work by itself, also when its own
// leader dies in the middle of it: nobody is called twice, nothing is missing. Method: three desks
// beside a market; a mail server of Debian's; the mails are read back from it.
#include "client/order_entry.h"
#include "tests/cluster/test_desk.h"

namespace okiagari {
namespace {

TEST_F(DeskOfRealProcesses, ALeaderThatDiesIsSeenCalledToldAndItsSuccessorObserved) {
  begin(1);
  ASSERT_TRUE(wait_for({"component.measured"})) << "the public page says how each part is";
  kill_leading_node();
  ASSERT_TRUE(wait_for({"incident.opened", "incident.report", "page.sent", "notice.released",
                        "incident.path_observed", "incident.causes"}));
  EXPECT_EQ(record().count("halt.ordered"), 0u) << "a fail-over is no reason to halt";
  ASSERT_TRUE(wait_until([&] { return !mails().empty(); }));
  for (const auto& [id, count] : mails()) EXPECT_EQ(count, 1) << id;
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/status-page/current/MANIFEST.sig"));
}

TEST_F(DeskOfRealProcesses, TheDesksLeaderDiesInTheMiddleOfPagingAndNobodyIsCalledTwice) {
  begin(3);
  const NodeId desk = leader();
  kill_leading_node();
  // The moment in which pages and the notice go out.
  ASSERT_TRUE(wait_until([&] { return record().first("incident.opened") != nullptr; }));
  desks_->hold_desk(desk, true);
  desks_->signal_desk(desk, SIGKILL);
  ASSERT_TRUE(wait_for({"page.started", "notice.released", "incident.causes"}));
  // Everything that was to leave has a fate.
  ASSERT_TRUE(wait_until([&] {
    desks_->supervise();
    const cli::DeskRecord seen = record();
    return !seen.effects.empty() &&
           std::all_of(seen.effects.begin(), seen.effects.end(), [](const auto& effect) {
             return effect.state == "done" || effect.state == "unknown" ||
                    effect.state == "given_up";
           });
  }));
  const std::map<std::string, int> received = mails();
  for (const auto& [id, count] : received) EXPECT_EQ(count, 1) << id;
  std::size_t sent = 0;
  for (const auto& effect : record().effects) {
    sent += effect.kind == "mail" && effect.state == "done";
  }
  EXPECT_GT(sent, 0u);
  EXPECT_GE(received.size(), sent) << "whatever the log says was sent has arrived";
}

// The halt is ordered and lifted at the market, without a word to the desk.
TEST_F(DeskOfRealProcesses, ServersThatComeBackUnderAHaltAreNoRecoveryBeforeItIsLifted) {
  begin(1);
  const auto key = [&](int person) {
    return fmt::format("{}/keys/operator-{}.key", folder_, person);
  };
  const Ending stop =
      run({"halt", "--market", "--reason", "drill", "--key", key(1), "--data", folder_});
  ASSERT_EQ(stop.status, 0) << stop.output;
  ASSERT_TRUE(wait_for({"halt.seen"}));
  kill_leading_node();
  ASSERT_TRUE(wait_for({"incident.report", "notice.released", "incident.servers_work"}));
  EXPECT_EQ(record().count("incident.recovered"), 0u);
  const Ending lift = run({"halt", "lift", "--market", "--reason", "drill", "--key", key(1),
                           "--key", key(2), "--data", folder_});
  ASSERT_EQ(lift.status, 0) << lift.output;
  ASSERT_TRUE(wait_for({"halt.none_in_force", "incident.recovered"}));
}

// The clock of updates, shortened by the desk's own configuration.
TEST_F(DeskOfRealProcesses, PeopleAreRemindedOfTheNextUpdateAndNoChangeGoesOutByItself) {
  begin(1, true, "\n[updates]\nevery_s = 16\nwarn_after_s = 3\nlimit_s = 60\n");
  kill_leading_node();
  ASSERT_TRUE(wait_for({"notice.released", "notice.update_due"}));
  const auto is_told = [&] {
    const cli::DeskRecord seen = record();
    return std::any_of(seen.items.begin(), seen.items.end(), [](const auto& item) {
      return item.kind == "notice.released" && item.en.find("No change") != std::string::npos;
    });
  };
  EXPECT_TRUE(wait_until(is_told, 60'000));
  EXPECT_EQ(record().count("notice.update_breached"), 0u);
  EXPECT_EQ(record().count("notice.promise_missed"), 0u);
}

// Frozen, so that nobody starts it again; the market knows whose session is there.
TEST_F(DeskOfRealProcesses, AGatewayThatStandsStillHasItsMembersNamed) {
  begin(1);
  net::Loop loop;
  class Quiet final : public client::OrderEntrySession::Listener {
  } quiet;
  const deployment::SessionAccess& access = market_->file().sessions[0];
  const deployment::GatewayPlace& gateway = market_->file().gateways[0];
  client::OrderEntrySession member(
      loop, quiet, {.name = access.name, .token = access.token, .servers = {gateway.members}});
  ASSERT_TRUE(wait_until([&] {
    member.tick(net::Loop::now_ms());
    (void)loop.poll();
    return member.is_ready();
  }));
  market_->signal_gateway(gateway.gateway, SIGSTOP);
  const std::string words = fmt::format("接続できない会員: M{:03}", access.member);
  const auto is_named = [&] {
    const cli::DeskRecord seen = record();
    return std::any_of(seen.items.begin(), seen.items.end(), [&](const auto& item) {
      return item.kind.starts_with("incident.report") && item.data.find(words) != std::string::npos;
    });
  };
  EXPECT_TRUE(wait_until(is_named, 60'000));
  market_->signal_gateway(gateway.gateway, SIGCONT);
}

}  // namespace
}  // namespace okiagari
