// The feed's checker on lines with one thing wrong in each: every kind of defect is seen, and said
// as what it is.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "check/feed_judgement.h"
#include "check/mold.h"
#include "made_run.h"
#include "wire/mold.h"

namespace okiagari::checker_test {
namespace {

using check::FeedWrong;
using testing::HasSubstr;

constexpr const char* kSession = "LINES";
constexpr std::size_t kMessagesInDatagram = 7;
using Messages = std::vector<std::vector<std::byte>>;

std::vector<std::byte> datagram(std::uint64_t first, const Messages& messages,
                                std::string_view session = kSession) {
  wire::MoldWriter writer(60'000);
  writer.begin(wire::alpha<10>(session), first);
  for (const auto& message : messages) EXPECT_TRUE(writer.add(message));
  const base::Bytes bytes = writer.finish();
  return {bytes.begin(), bytes.end()};
}

class FeedVerdictTest : public testing::Test {
 protected:
  explicit FeedVerdictTest(MadeRun run = make_run({})) : run_(std::move(run)) {
    for (const MadeRecord& record : run_.records) {
      if (record.event == check::HistoryEvent::feed) messages_.push_back(record.bytes);
    }
  }

  // The messages from `first` on, as datagrams of one line. `change` sees each before it is sent
  // and says whether it is.
  using Change = std::function<bool(std::uint64_t first, Messages& messages)>;
  void say(
      std::size_t line, const Change& change = [](std::uint64_t, Messages&) { return true; }) {
    for (std::uint64_t first = 1; first <= messages_.size(); first += kMessagesInDatagram) {
      Messages some;
      for (std::uint64_t at = first; at < first + kMessagesInDatagram && at <= messages_.size();
           ++at) {
        some.push_back(messages_[at - 1]);
      }
      if (change(first, some)) record_.take(line, datagram(first, some));
    }
  }
  void judge() {
    predicted_ = check::predict_feed(run_.journals(), run_.nodes, refusals(), findings());
    check::judge_gaps(record_, findings());
    check::compare_with_journal(predicted_, record_, findings());
  }
  check::MarketImage image() const {
    return {.node = 2, .next_number = messages_.size() + 1, .messages = messages_};
  }
  check::FeedFindings& findings() { return record_.findings(); }
  // Only this kind was found, so often.
  void expect_only(FeedWrong kind, std::uint64_t count) {
    for (std::size_t other = 0; other < check::kFeedWrongKinds; ++other) {
      const auto as_kind = static_cast<FeedWrong>(other);
      EXPECT_EQ(findings().count(as_kind), as_kind == kind ? count : 0) << name_of(as_kind) << "\n"
                                                                        << findings().words();
    }
  }

  MadeRun run_;
  Messages messages_;
  check::FeedRecord record_{kSession, {"line A", "line B"}};
  std::vector<check::ItchMessage> predicted_;

 private:
  check::FundsRefusals refusals() const {
    check::FundsRefusals refusals;
    for (const MadeRecord& record : run_.records) {
      check::OuchAnswer answer;
      if (record.event != check::HistoryEvent::answered) continue;
      if (!check::decode_ouch(record.bytes, answer) || answer.type != check::kOuchRejected)
        continue;
      if (!check::is_about_funds(answer.reason)) continue;
      refusals.emplace(std::pair{record.source, answer.user_reference}, answer.reason);
    }
    return refusals;
  }
};

TEST_F(FeedVerdictTest, LinesThatSayWhatTheJournalGivesAreRight) {
  say(0);
  say(1);
  judge();
  check::compare_with_image(image(), record_, findings());
  EXPECT_GT(messages_.size(), 500u);
  EXPECT_EQ(predicted_.size(), messages_.size());
  EXPECT_EQ(findings().words(), "");
}

TEST_F(FeedVerdictTest, WhatOneLineLosesTheOtherBrings) {
  say(0, [](std::uint64_t first, Messages&) { return first % 3 != 0; });
  say(1, [](std::uint64_t first, Messages&) { return first % 3 != 1; });
  judge();
  EXPECT_EQ(findings().words(), "");
}

TEST_F(FeedVerdictTest, AByteThatDiffersBetweenTheLinesIsSeenInTheDatagramAndInTheMessage) {
  say(0);
  say(1, [](std::uint64_t first, Messages& messages) {
    if (first == 1 + 10 * kMessagesInDatagram) messages[2].back() ^= std::byte{1};
    return true;
  });
  judge();
  expect_only(FeedWrong::differs, 2);
  EXPECT_THAT(findings().words(), HasSubstr("message 73 is"));
  EXPECT_THAT(findings().words(), HasSubstr("on line A"));
  EXPECT_THAT(findings().words(), HasSubstr("on line B"));
}

TEST_F(FeedVerdictTest, DatagramsThatAreCutElsewhereAreSeen) {
  say(0);
  say(1, [this](std::uint64_t first, Messages& messages) {
    if (first != 1) return true;
    const Messages head(messages.begin(), messages.begin() + 3);
    const Messages tail(messages.begin() + 3, messages.end());
    record_.take(1, datagram(1, head));
    record_.take(1, datagram(4, tail));
    return false;
  });
  judge();
  expect_only(FeedWrong::differs, 1);
  EXPECT_THAT(findings().words(), HasSubstr("datagram that begins with message 1 has other bytes"));
}

TEST_F(FeedVerdictTest, WhatNoLineBringsAndNobodyGivesIsAGapAndNothingElse) {
  const auto loses = [](std::uint64_t first, Messages&) { return first != 8 && first != 15; };
  say(0, loses);
  say(1, loses);
  EXPECT_EQ(record_.missing(), std::pair(std::uint64_t{8}, std::uint64_t{22}));
  judge();
  expect_only(FeedWrong::gap, 14);
  EXPECT_THAT(findings().words(), HasSubstr("messages 8 to 21 came on no line and in no answer"));
}

TEST_F(FeedVerdictTest, WhatWasAskedForFillsTheGap) {
  const auto loses = [](std::uint64_t first, Messages&) { return first != 8; };
  say(0, loses);
  say(1, loses);
  record_.take(check::FeedRecord::kAnswer,
               datagram(8, Messages(messages_.begin() + 7, messages_.begin() + 14)));
  judge();
  EXPECT_EQ(findings().words(), "");
  EXPECT_EQ(record_.answered(), 7u);
}

TEST_F(FeedVerdictTest, AMessageThatNoEntryOfTheJournalCausedIsSeenThoughBothLinesAgree) {
  messages_.insert(messages_.begin() + 100, messages_[90]);
  say(0);
  say(1);
  judge();
  expect_only(FeedWrong::without_cause, 1);
}

TEST_F(FeedVerdictTest, AMessageThatSaysSomethingElseThanTheJournalIsSeenThoughBothLinesAgree) {
  const auto order = std::find_if(messages_.begin() + 100, messages_.end(), [](const auto& one) {
    return static_cast<char>(one.front()) == check::kItchAdd;
  });
  ASSERT_NE(order, messages_.end());
  order->back() ^= std::byte{1};  // of its price
  say(0);
  say(1);
  judge();
  expect_only(FeedWrong::without_cause, 1);
  EXPECT_THAT(findings().words(),
              HasSubstr(fmt::format("found message {}", order - messages_.begin() + 1)));
}

// A call is told by messages of its own; each is held to the journal like an order's.
struct Altered {
  char type;
  std::size_t offset;  // of the lowest byte of a number in it
};
class CallFeedVerdictTest : public FeedVerdictTest, public testing::WithParamInterface<Altered> {
 protected:
  CallFeedVerdictTest() : FeedVerdictTest(run_with(GetParam().type)) {}

  // The first run in which a call tells that.
  static MadeRun run_with(char type) {
    for (std::uint64_t seed = 1; seed < 40; ++seed) {
      MadeRun run = make_run({.seed = seed, .messages = 4'000, .messages_per_control = 20});
      const bool has_it =
          std::any_of(run.records.begin(), run.records.end(), [type](const MadeRecord& record) {
            return record.event == check::HistoryEvent::feed &&
                   static_cast<char>(record.bytes.front()) == type;
          });
      if (has_it) return run;
    }
    return {};
  }
};

INSTANTIATE_TEST_SUITE_P(Calls, CallFeedVerdictTest,
                         testing::Values(Altered{check::kItchImbalance, 18},  // paired lots
                                         Altered{check::kItchImbalance, 26},  // the surplus
                                         Altered{check::kItchImbalance, 39},  // the far price
                                         Altered{check::kItchImbalance, 43},  // the near price
                                         Altered{check::kItchCollar, 26},     // upper end
                                         Altered{check::kItchCollar, 34},     // extensions
                                         Altered{check::kItchExecutedAtPrice, 22},  // lots
                                         Altered{check::kItchCross, 18}));          // volume

TEST_P(CallFeedVerdictTest, ACallThatIsToldOtherwiseThanItWentIsSeenThoughBothLinesAgree) {
  const auto told = std::find_if(messages_.begin(), messages_.end(), [](const auto& one) {
    return static_cast<char>(one.front()) == GetParam().type;
  });
  ASSERT_NE(told, messages_.end());
  ASSERT_LT(GetParam().offset, told->size());
  (*told)[GetParam().offset] ^= std::byte{1};
  say(0);
  say(1);
  judge();
  expect_only(FeedWrong::without_cause, 1);
  EXPECT_THAT(findings().words(),
              HasSubstr(fmt::format("found message {}", told - messages_.begin() + 1)));
}

TEST_F(FeedVerdictTest, AnEventOfTheJournalThatNobodyPublishedIsSeenThoughNumbersHaveNoGap) {
  messages_.erase(messages_.begin() + 100);
  say(0);
  say(1);
  judge();
  expect_only(FeedWrong::missing, 1);
}

TEST_F(FeedVerdictTest, AFeedThatEndsTooEarlyIsSeen) {
  messages_.resize(messages_.size() - 5);
  say(0);
  say(1);
  judge();
  expect_only(FeedWrong::missing, 5);
}

TEST_F(FeedVerdictTest, AnImageWithoutAnOrderOrWithOneThatIsGoneIsSeen) {
  say(0);
  say(1);
  check::MarketImage without = image();
  without.messages.resize(without.messages.size() / 2);
  check::compare_with_image(without, record_, findings());
  EXPECT_GT(findings().count(FeedWrong::image), 0u);
  EXPECT_THAT(findings().words(), HasSubstr("node 2's image before message"));
}

TEST_F(FeedVerdictTest, AnImageWithAnotherStateIsSeen) {
  say(0);
  say(1);
  check::MarketImage halted = image();
  for (auto message = halted.messages.rbegin(); message != halted.messages.rend(); ++message) {
    if (static_cast<char>(message->front()) != check::kItchTradingAction) continue;
    (*message)[19] = static_cast<std::byte>('H');
    break;
  }
  check::compare_with_image(halted, record_, findings());
  expect_only(FeedWrong::image, 1);
  EXPECT_THAT(findings().words(), HasSubstr("instruments or their states"));
}

TEST_F(FeedVerdictTest, WhatIsNotOfThisFeedIsCountedAndWhatMakesNoSenseIsAFinding) {
  record_.take(0, datagram(1, {messages_[0]}, "OTHER"));
  EXPECT_EQ(record_.foreign(), 1u);
  EXPECT_EQ(findings().words(), "");
  std::vector<std::byte> cut = datagram(1, {messages_[0]});
  cut.pop_back();
  record_.take(0, cut);
  record_.take(1, datagram(20'000'000, {messages_[0]}));
  expect_only(FeedWrong::differs, 2);
  EXPECT_EQ(record_.known_end(), 1u) << "nothing is asked for that a wrong header made up";
}

}  // namespace
}  // namespace okiagari::checker_test
