// The verdict on runs with one thing wrong in them: for every place where a message can go wrong
// and every way in which it can, on many seeds, the checker must say so, and say which.
#include "check/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <tuple>

#include "check/verdict_report.h"
#include "tests/checker/made_run.h"

namespace okiagari::checker_test {
namespace {

using check::HistoryEvent;
using check::Wrong;

constexpr std::uint64_t kSeeds = 20;

// Each sequence of messages that somebody receives, as places in `records`.
using Stream = std::vector<std::size_t>;

Stream stream_of(const MadeRun& run, HistoryEvent event, std::uint16_t source) {
  Stream stream;
  for (std::size_t at = 0; at < run.records.size(); ++at) {
    const MadeRecord& record = run.records[at];
    if (record.event == event && record.source == source) stream.push_back(at);
  }
  return stream;
}

void drop(std::vector<MadeRecord>& records, const Stream& stream, std::size_t place) {
  records.erase(records.begin() + static_cast<std::ptrdiff_t>(stream[place]));
}
void repeat(std::vector<MadeRecord>& records, const Stream& stream, std::size_t place) {
  const MadeRecord copy = records[stream[place]];
  records.insert(records.begin() + static_cast<std::ptrdiff_t>(stream[place]), copy);
}
void swap_with_next(std::vector<MadeRecord>& records, const Stream& stream, std::size_t place) {
  std::swap(records[stream[place]].bytes, records[stream[place + 1]].bytes);
}
// Not the last byte of a number of an order or a trade: that would say the same of another one,
// which is told twice then. The time instead.
void alter(std::vector<MadeRecord>& records, const Stream& stream, std::size_t place) {
  auto& bytes = records[stream[place]].bytes;
  const std::size_t at = place % bytes.size();
  const bool is_number = at == 12 || at == 18 || at == 33;
  bytes[is_number ? 8 : at] ^= std::byte{1};
}

struct Defect {
  const char* name;
  Wrong expected;
  std::function<void(std::vector<MadeRecord>&, const Stream&, std::size_t)> plant;
};

const std::vector<Defect>& defects() {
  static const std::vector<Defect> all = {
      {"Drop", Wrong::lost, drop},
      {"Double", Wrong::doubled, repeat},
      {"Reorder", Wrong::reordered, swap_with_next},
      {"Contradict", Wrong::contradicted, alter},
  };
  return all;
}

// Where a defect strikes: the streams that show it.
struct Place {
  const char* name;
  HistoryEvent first;
  std::vector<std::pair<HistoryEvent, std::uint16_t>> others;  // source 0: the same session
};

const std::vector<Place>& places() {
  static const std::vector<Place> all = {
      {"LiveAnswers", HistoryEvent::answered, {}},
      {"ReplayedAnswers", HistoryEvent::replayed, {}},
      {"AnswersEverywhere", HistoryEvent::answered, {{HistoryEvent::replayed, 0}}},
      {"LiveFeed", HistoryEvent::feed, {}},
      {"FeedOfOneNode", HistoryEvent::feed_replayed, {}},
      {"FeedEverywhere",
       HistoryEvent::feed,
       {{HistoryEvent::feed_replayed, 1},
        {HistoryEvent::feed_replayed, 2},
        {HistoryEvent::feed_replayed, 3}}},
  };
  return all;
}

class OneThingWrong : public testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {};

TEST_P(OneThingWrong, IsFoundAndNamed) {
  const Place& place = places()[std::get<0>(GetParam())];
  const Defect& defect = defects()[std::get<1>(GetParam())];
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    MadeRun run = make_run({.seed = seed, .messages = 400});
    check::Random random(seed);
    const bool is_feed = place.first == HistoryEvent::feed;
    const auto source = static_cast<std::uint16_t>(is_feed ? 1 : 1 + random.below(3U));
    const Stream first = stream_of(run, place.first, source);
    ASSERT_GT(first.size(), 60U);
    // Behind the feed's directory, which is not about orders.
    const std::size_t at = 10 + random.below(first.size() - 20);
    defect.plant(run.records, first, at);
    for (const auto& [event, other] : place.others) {
      const Stream stream = stream_of(run, event, other == 0 ? source : other);
      defect.plant(run.records, stream, at);
    }
    const check::Verdict verdict = run.judged();
    EXPECT_GT(verdict.findings.count(defect.expected), 0U) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, OneThingWrong,
                         testing::Combine(testing::Range<std::size_t>(0, 6),
                                          testing::Range<std::size_t>(0, 4)),
                         [](const auto& test) {
                           return std::string(places()[std::get<0>(test.param)].name) + "Of" +
                                  defects()[std::get<1>(test.param)].name;
                         });

// Takes a batch apart and puts it together from other commands.
struct Batch {
  std::vector<std::byte> header;
  std::vector<std::vector<std::byte>> commands;

  explicit Batch(const std::vector<std::byte>& bytes)
      : header(bytes.begin(), bytes.begin() + sizeof(venue::BatchHeader)) {
    std::size_t at = header.size();
    while (at < bytes.size()) {
      const auto size = base::load_little<std::uint16_t>(&bytes[at]);
      commands.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
      at += size;
    }
  }

  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all = header;
    for (const auto& command : commands) all.insert(all.end(), command.begin(), command.end());
    base::store_little(&all[4], static_cast<std::uint32_t>(commands.size()));
    base::store_little(&all[8], static_cast<std::uint32_t>(all.size()));
    return all;
  }
};

using Spoil = std::function<void(Batch&)>;

// Messages of different sessions may come in either order: as long as nobody was told otherwise,
// that is nobody's loss. Two of one session must come as they were sent.
void swap_two_of_one_session(Batch& batch) {
  const auto session_of = [&](std::size_t at) {
    return base::load_little<std::uint16_t>(&batch.commands[at][4]);
  };
  for (std::size_t later = 1; later < batch.commands.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (session_of(earlier) != session_of(later)) continue;
      return std::swap(batch.commands[earlier], batch.commands[later]);
    }
  }
  FAIL() << "no session has two messages in the batch";
}

const std::vector<std::pair<const char*, Spoil>>& spoils() {
  static const std::vector<std::pair<const char*, Spoil>> all = {
      {"Drop",
       [](Batch& batch) {
         std::rotate(batch.commands.begin() + 2, batch.commands.begin() + 3, batch.commands.end());
         batch.commands.pop_back();
       }},
      {"Double",
       [](Batch& batch) {
         batch.commands.push_back(batch.commands[2]);
         std::rotate(batch.commands.begin() + 3, batch.commands.end() - 1, batch.commands.end());
       }},
      {"Reorder", swap_two_of_one_session},
      // The user reference, the first thing behind the header of every command of a session.
      {"Contradict", [](Batch& batch) { batch.commands[2][16] ^= std::byte{1}; }},
  };
  return all;
}

class JournalWrong : public testing::TestWithParam<std::size_t> {};

TEST_P(JournalWrong, IsFoundOnOneNode) {
  const std::vector<Wrong> kinds = {Wrong::lost, Wrong::doubled, Wrong::reordered,
                                    Wrong::contradicted};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    MadeRun run = make_run({.seed = seed, .messages = 400});
    auto batches = run.batches;
    auto& spoilt = batches[3 + seed];
    Batch batch(spoilt);
    spoils()[GetParam()].second(batch);
    spoilt = batch.bytes();
    auto journals = run.journals();
    journals[seed % 3] = MadeRun::journal_of(batches, static_cast<std::uint16_t>(1 + seed % 3));
    const check::Verdict verdict = run.judged(std::move(journals));
    EXPECT_GT(verdict.findings.count(kinds[GetParam()]), 0U) << "seed " << seed;
  }
}

TEST_P(JournalWrong, IsFoundOnAllNodes) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    MadeRun run = make_run({.seed = seed, .messages = 400});
    auto& spoilt = run.batches[3 + seed];
    Batch batch(spoilt);
    spoils()[GetParam()].second(batch);
    spoilt = batch.bytes();
    EXPECT_GT(run.judged().findings.total(), 0U) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, JournalWrong, testing::Range<std::size_t>(0, 4),
                         [](const auto& test) { return std::string(spoils()[test.param].first); });

// A run in whose journal a batch of orders stands `times` times.
MadeRun run_with_a_batch_again(std::size_t times) {
  MadeRun run = make_run({.messages = 400});
  const std::vector<std::byte> again = run.batches[19];
  run.batches.insert(run.batches.begin() + 20, times - 1, again);
  return run;
}

TEST(Verdict, ABatchCarriedOutTwiceIsFound) {
  EXPECT_GT(run_with_a_batch_again(2).judged().findings.count(Wrong::doubled), 0U);
}

// The day all processes of a busy machine stood still for seconds: gateways lost their connection
// to a leader that went on leading, and sent it again what they did not know to be decided.
TEST(Verdict, WhatAGatewaySendsAgainWhenItComesBackToALeaderIsNotDoubled) {
  MadeRun once = run_with_a_batch_again(2);
  once.returns[1] = 1;
  EXPECT_EQ(once.judged().findings.count(Wrong::doubled), 0U);

  MadeRun twice = run_with_a_batch_again(3);
  twice.returns[1] = 1;
  EXPECT_GT(twice.judged().findings.count(Wrong::doubled), 0U);
  twice.returns = {{2, 5}};
  EXPECT_GT(twice.judged().findings.count(Wrong::doubled), 0U) << "it was in another term";
}

TEST(Verdict, AMessageWithoutAnAnswerAndNotInTheJournalIsUnknown) {
  MadeRun run = make_run({.messages = 400});
  const Stream sent = stream_of(run, HistoryEvent::sent, 2);
  MadeRecord order = run.records[sent.back()];
  // An order far above all others of that session.
  check::OuchEnter enter;
  enter.user_reference = 1'000'000;
  enter.quantity = 5;
  enter.symbol = check::padded_symbol("SYM1");
  base::ByteWriter message;
  check::encode_ouch(message, enter);
  order.number = sent.size() + 1;
  order.bytes.assign(message.view().begin(), message.view().end());
  MadeRecord gave_up = order;
  gave_up.event = HistoryEvent::gave_up;
  const auto end = run.records.begin() + static_cast<std::ptrdiff_t>(sent.back() + 1);
  run.records.insert(end, {order, gave_up});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.count(Wrong::unknown), 1U);
  EXPECT_EQ(verdict.findings.total(), 1U);
}

TEST(Verdict, AMessageRefusedByAGatewayNeedsNoPlaceInTheJournalAndMustNotHaveOne) {
  MadeRun run = make_run({.messages = 400});
  const Stream sent = stream_of(run, HistoryEvent::sent, 2);
  const auto refuse = [&](std::uint64_t number, const std::vector<std::byte>& bytes) {
    MadeRun refused = run;
    const auto end = refused.records.begin() + static_cast<std::ptrdiff_t>(sent.back() + 1);
    refused.records.insert(end, {HistoryEvent::refused, 2, 1, number, bytes});
    return refused;
  };
  std::size_t order = 0;
  while (run.records[sent[order]].bytes[0] != std::byte{'O'}) ++order;
  const MadeRun contradicted = refuse(order + 1, run.records[sent[order]].bytes);
  EXPECT_EQ(contradicted.judged().findings.count(Wrong::contradicted), 1U);

  check::OuchEnter enter;
  enter.user_reference = 1'000'000;
  base::ByteWriter message;
  check::encode_ouch(message, enter);
  MadeRecord more{HistoryEvent::sent, 2, 1, sent.size() + 1, {}};
  more.bytes.assign(message.view().begin(), message.view().end());
  run.records.insert(run.records.begin() + static_cast<std::ptrdiff_t>(sent.back() + 1), more);
  const Stream all = stream_of(run, HistoryEvent::sent, 2);
  MadeRecord refusal = more;
  refusal.event = HistoryEvent::refused;
  run.records.insert(run.records.begin() + static_cast<std::ptrdiff_t>(all.back() + 1), refusal);
  EXPECT_EQ(run.judged().findings.total(), 0U);
}

TEST(Verdict, ACancelSentAgainAfterALossMayWorkTwice) {
  MadeRun run = make_run({.messages = 400});
  // Say that every message of session 1 was sent again: nothing in the journal came of it.
  std::vector<MadeRecord> with_repeats;
  for (const MadeRecord& record : run.records) {
    with_repeats.push_back(record);
    if (record.event != HistoryEvent::sent || record.source != 1) continue;
    with_repeats.push_back(record);
    with_repeats.back().event = HistoryEvent::sent_again;
  }
  run.records = with_repeats;
  EXPECT_EQ(run.judged().findings.total(), 0U);
}

TEST(Verdict, ANodeThatIsBehindIsNotWrong) {
  const MadeRun run = make_run({.messages = 400});
  auto journals = run.journals();
  journals[0].entries.resize(journals[0].entries.size() / 2);
  EXPECT_EQ(run.judged(std::move(journals)).findings.total(), 0U);
}

TEST(Verdict, WhatAMajorityLostIsLost) {
  const MadeRun run = make_run({.messages = 400});
  auto journals = run.journals();
  journals[0].entries.resize(journals[0].entries.size() / 2);
  journals[2].entries.resize(journals[2].entries.size() / 2);
  EXPECT_GT(run.judged(std::move(journals)).findings.count(Wrong::lost), 0U);
}

// The desk's canary trades too, and an order of its that rested when the desk ended was taken for
// one that nobody had: by the journal it is open.
TEST(Verdict, TheDayACanarysRestingOrderWasTakenForAContradiction) {
  MadeRun run = make_run({.sessions = 2, .instruments = 1, .messages = 400});
  std::erase_if(run.records, [](const auto& record) {
    return record.source == 2 && record.event < HistoryEvent::feed;
  });
  const check::History history = run.history();
  check::Evidence evidence;
  evidence.history = &history;
  evidence.journals = run.journals();
  const auto says_so = [&evidence] {
    const std::string words = check::words_of(check::judge(evidence).findings);
    return words.find("is on the feed and not open") != std::string::npos;
  };
  EXPECT_TRUE(says_so()) << "whoever is not known to trade has no orders";
  evidence.other_sessions = {2};
  EXPECT_FALSE(says_so());
}

TEST(Verdict, WithoutEvidenceItIsUnknown) {
  MadeRun run = make_run({.messages = 400});
  const check::History history = run.history();
  check::Evidence evidence;
  evidence.history = &history;
  evidence.unreadable_journals = {"node 1: gone", "node 2: gone", "node 3: gone"};
  EXPECT_GE(check::judge(evidence).findings.count(Wrong::unknown), 3U);
  std::erase_if(run.records,
                [](const MadeRecord& record) { return record.event == HistoryEvent::quiet; });
  EXPECT_EQ(run.judged().findings.count(Wrong::unknown), 1U);
}

}  // namespace
}  // namespace okiagari::checker_test
