// Goal: a leader that is slow and not dead is relieved by a server that does better, while members
// trade, and a market that is slow as a whole is left as it is. Method: servers that stand still
// for moments, again and again, so patient that none deposes another; a desk beside them; members
// at both gateways, whose orders are all counted.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "client/order_entry.h"
#include "salvage/verify.h"
#include "tests/cluster/test_desk.h"
#include "wire/ouch.h"

namespace okiagari {
namespace {

// Stops a process for a moment, again and again; leaves it running. In between the process gets its
// turn of a processor, however busy the machine is: what is slow is the process, and not dead.
class Stutter {
 public:
  explicit Stutter(pid_t process) : process_(process), thread_([this] { run(); }) {}
  ~Stutter() {
    ends_ = true;
    thread_.join();
  }
  Stutter(const Stutter&) = delete;
  Stutter& operator=(const Stutter&) = delete;

 private:
  static constexpr std::uint64_t kStandsMs = 150;
  static constexpr std::uint64_t kRunsMs = 30;
  static constexpr std::uint64_t kTurnNs = 1'500'000;  // of a processor's time
  static constexpr std::uint64_t kTurnWithinMs = 400;
  static constexpr std::uint64_t kExpiryMs = 90'000;

  [[nodiscard]] std::uint64_t used_ns() const {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
      return 0;
    return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(used.tv_nsec);
  }
  void run() const {
    const std::uint64_t end_ms = net::Loop::now_ms() + kExpiryMs;
    while (!ends_ && net::Loop::now_ms() < end_ms) {
      ::kill(process_, SIGSTOP);
      std::this_thread::sleep_for(std::chrono::milliseconds(kStandsMs));
      const std::uint64_t before_ns = used_ns();
      const std::uint64_t begun_ms = net::Loop::now_ms();
      ::kill(process_, SIGCONT);
      do {
        std::this_thread::sleep_for(std::chrono::milliseconds(kRunsMs));
      } while (used_ns() < before_ns + kTurnNs && net::Loop::now_ms() < begun_ms + kTurnWithinMs);
    }
  }
  pid_t process_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

// Enters orders that stay in the book, and counts what becomes of each.
class Member final : private client::OrderEntrySession::Listener {
 public:
  Member(net::Loop& loop, const deployment::SessionAccess& access,
         const deployment::GatewayPlace& gateway, std::string symbol)
      : symbol_(std::move(symbol)),
        entry_(loop, *this,
               {.name = access.name, .token = access.token, .servers = {gateway.members}}) {}

  void tick() {
    constexpr std::uint64_t kIntervalMs = 20;
    constexpr std::size_t kUnansweredMax = 32;
    const std::uint64_t now_ms = net::Loop::now_ms();
    entry_.tick(now_ms);
    const bool is_due = is_trading && now_ms >= next_ms_ && entry_.unanswered() < kUnansweredMax;
    if (!is_due || !entry_.is_ready()) return;
    next_ms_ = now_ms + kIntervalMs;
    client::OrderTicket ticket;
    ticket.symbol = wire::alpha<8>(symbol_);
    ticket.quantity = 1;
    ticket.price_e4 = 100;
    ticket.post_only = true;
    if (const std::uint32_t number = entry_.enter(ticket); number != 0) entered.insert(number);
    entry_.flush();
  }
  void cancel_all() {
    for (const std::uint32_t number : accepted) (void)entry_.cancel(number);
    entry_.flush();
  }
  [[nodiscard]] bool is_answered() const { return entry_.is_ready() && entry_.unanswered() == 0; }

  bool is_trading = true;
  std::set<std::uint32_t> entered;
  std::set<std::uint32_t> accepted;
  std::set<std::uint32_t> cancelled;
  std::size_t doubled = 0;
  std::size_t refused = 0;
  std::size_t lost = 0;

 private:
  void on_lost(const std::string&) override { ++lost; }
  void on_accepted(std::uint64_t, const wire::ouch::Accepted& message) override {
    if (!accepted.insert(message.user_reference).second) ++doubled;
  }
  void on_canceled(std::uint64_t, const wire::ouch::Canceled& message) override {
    if (!cancelled.insert(message.user_reference).second) ++doubled;
  }
  void on_rejected(std::uint64_t, const wire::ouch::Rejected&) override { ++refused; }
  void on_refusal(const wire::ouch::LocalRefusal&) override { ++refused; }

  std::string symbol_;
  std::uint64_t next_ms_ = 0;
  client::OrderEntrySession entry_;
};

class Relief : public DeskOfRealProcesses {
 protected:
  // By themselves the servers keep a slow leader; the desk knows what orders take usually.
  void begin_patient() {
    begin(1, false, "",
          "\n[timeouts]\nsilence_ms = 2000\nelection_ms = 6000\nno_progress_ms = 6000\n");
    leader_ = market_->find_leader(5'000);
    ASSERT_NE(leader_, 0);
    // Its orders are answered, so that the market has its reference data, and nobody but it trades;
    // an order and its cancellation are two commands.
    ASSERT_TRUE(wait_until([&] { return record().count("component.measured") >= 4; }, 60'000));
    constexpr std::int64_t kCommands = 200;
    const std::int64_t before = furthest();
    ASSERT_TRUE(wait_until([&] { return furthest() >= before + kCommands; }, 60'000));
  }
  [[nodiscard]] pid_t process_of(NodeId node) const {
    const auto& nodes = market_->file().nodes;
    return std::find_if(nodes.begin(), nodes.end(),
                        [&](const deployment::NodePlace& one) { return one.node == node; })
        ->pid;
  }
  void begin_trading() {
    const auto& file = market_->file();
    for (std::size_t i = 0; i < 2; ++i) {
      members_.push_back(std::make_unique<Member>(loop_, file.sessions[i], file.gateways[i],
                                                  file.instruments[0].symbol));
    }
  }
  [[nodiscard]] bool trade_until(const std::function<bool()>& condition) {
    std::uint64_t look_ms = 0;
    return wait_until(
        [&] {
          for (const auto& member : members_) member->tick();
          (void)loop_.poll();
          const std::uint64_t now_ms = net::Loop::now_ms();
          if (now_ms < look_ms) return false;
          look_ms = now_ms + 200;
          desks_->supervise();
          return condition();
        },
        60'000);
  }
  [[nodiscard]] bool trade_until_told(const std::string& kind) {
    return trade_until([&] { return record().first(kind) != nullptr; });
  }
  // Every order has one answer and stands where it was acknowledged.
  void end_trading() {
    for (const auto& member : members_) member->is_trading = false;
    EXPECT_TRUE(trade_until([&] {
      return std::all_of(members_.begin(), members_.end(),
                         [](const auto& member) { return member->is_answered(); });
    }));
    for (const auto& member : members_) member->cancel_all();
    EXPECT_TRUE(trade_until([&] {
      return std::all_of(members_.begin(), members_.end(), [](const auto& member) {
        return member->cancelled.size() == member->accepted.size();
      });
    }));
    for (const auto& member : members_) {
      EXPECT_GT(member->entered.size(), 0u);
      EXPECT_EQ(member->accepted, member->entered);
      EXPECT_EQ(member->cancelled, member->entered);
      EXPECT_EQ(member->doubled, 0u);
      EXPECT_EQ(member->refused, 0u);
      EXPECT_EQ(member->lost, 0u) << "a session was dropped";
    }
  }
  void verify_cold() {
    desks_ = nullptr;
    members_.clear();
    market_->stop();
    const auto found = salvage::verify_folders({folder_}, [](const std::string&) {});
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_TRUE(found.value().report.holds()) << found.value().report.to_table();
  }

  NodeId leader_ = 0;
  net::Loop loop_;
  std::vector<std::unique_ptr<Member>> members_;
};

TEST_F(Relief, ALeaderThatStuttersHandsOverToOneThatDoesNotAndNothingIsLost) {
  begin_patient();
  begin_trading();
  {
    const Stutter stutter(process_of(leader_));
    ASSERT_TRUE(trade_until_told("relief.ordered"));
    ASSERT_TRUE(trade_until_told("relief.handed_over"));
    ASSERT_TRUE(trade_until_told("relief.helped")) << "judged while the old one still stutters";
  }
  end_trading();
  const cli::DeskRecord seen = record();
  EXPECT_EQ(seen.count("relief.ordered"), 1u);
  EXPECT_EQ(seen.first("relief.ordered")->incident, seen.first("incident.opened")->incident);
  EXPECT_NE(seen.first("relief.ordered")->en.find(fmt::format("node-{} is asked", leader_)),
            std::string::npos);
  EXPECT_NE(market_->find_leader(5'000), leader_);
  // The leader knew whose word it followed.
  std::ifstream file(folder_ + fmt::format("/node-{}/output.log", leader_));
  const std::string log(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(log.find("it is told"), std::string::npos);
  verify_cold();
}

TEST_F(Relief, AMarketThatIsSlowAsAWholeIsNotHandedToAndFro) {
  begin_patient();
  begin_trading();
  {
    const Stutter first(process_of(1));
    const Stutter second(process_of(2));
    const Stutter third(process_of(3));
    ASSERT_TRUE(trade_until_told("relief.withheld"));
  }
  end_trading();
  const cli::DeskRecord seen = record();
  EXPECT_NE(seen.first("relief.withheld")->en.find("no server does better"), std::string::npos);
  EXPECT_EQ(seen.count("relief.ordered"), 0u);
  EXPECT_EQ(market_->find_leader(5'000), leader_);
  verify_cold();
}

}  // namespace
}  // namespace okiagari
