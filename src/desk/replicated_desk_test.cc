// The desk driven by a log: who submits hears what became of it, effects go out once, and a replica
// that starts from the log alone is the same desk.
#include "desk/replicated_desk.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/json.hpp>

#include "desk/dispatcher.h"
#include "desk/incidents.h"
#include "desk/projection.h"
#include "journal/solo_replica.h"
#include "journal/temporary_folder.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kWallNs = 1'800'000'000'000'000'000;

// Sends one effect for each entry "test.send".
class Sender final : public Part {
 public:
  [[nodiscard]] std::vector<std::string_view> words() const override { return {"test"}; }
  base::Status apply(const Entry& entry, Context& context) override {
    if (entry.what() == "effect") {
      context.note("", "test.heard", {text_or(entry.body, "state"), ""});
      return {};
    }
    Effect effect;
    effect.key = text_or(entry.body, "key");
    effect.kind = text_or(entry.body, "kind");
    effect.owner = "test";
    effect.repeat_is_safe = flag_or(entry.body, "repeat_is_safe", true);
    context.outbox.add(std::move(effect), context);
    return {};
  }
  [[nodiscard]] boost::json::value view() const override { return {}; }
};

std::unique_ptr<Desk> make_desk() {
  auto desk = std::make_unique<Desk>();
  desk->add(std::make_unique<Incidents>(std::vector<Trigger>{}));
  desk->add(std::make_unique<Sender>());
  return desk;
}

class TestHands final : public Hands {
 public:
  [[nodiscard]] bool takes(std::string_view kind) const override { return kind != "odd"; }
  void carry_out(const Effect& effect, const Reports& reports) override {
    given.push_back(effect.key);
    if (effect.kind == "mail") {
      reports.begun(effect.key, [this, key = effect.key, &reports](bool go_on) {
        if (!go_on) return;
        sent.push_back(key);
        reports.done(key, "250", {});
      });
    } else if (effect.kind == "broken") {
      reports.failed(effect.key, "no answer", false);
    } else if (effect.kind != "slow") {
      sent.push_back(effect.key);
      reports.done(effect.key, "200", {});
    }
  }
  std::vector<std::string> given;
  std::vector<std::string> sent;
};

class ReplicatedDeskTest : public ::testing::Test {
 protected:
  ReplicatedDeskTest() : replica_(desk_), dispatcher_(desk_) {
    desk_.attach(replica_);
    dispatcher_.add(hands_);
  }
  void turns(int count = 6) {
    for (int turn = 0; turn < count; ++turn) {
      dispatcher_.end_turn(wall_ns_);
      desk_.end_turn(wall_ns_);
      ASSERT_TRUE(replica_.end_turn(0).ok());
    }
  }
  void send(const std::string& key, const std::string& kind, bool repeat_is_safe = true) {
    Entry entry;
    entry.type = "test.send";
    entry.body = {{"key", key}, {"kind", kind}, {"repeat_is_safe", repeat_is_safe}};
    desk_.submit(std::move(entry));
  }
  [[nodiscard]] EffectState state(const std::string& key) const {
    return desk_.desk().outbox().find(key)->state;
  }

  ReplicatedDesk desk_{make_desk};
  journal::SoloReplica replica_;
  Dispatcher dispatcher_;
  TestHands hands_;
  TimestampNs wall_ns_ = kWallNs;
};

TEST_F(ReplicatedDeskTest, WhoeverSubmitsHearsTheAnswerAndOnlyTheLeaderTakesEntries) {
  std::vector<std::string> answers;
  const auto submit = [&](boost::json::object body) {
    Entry entry;
    entry.type = "incident.open";
    entry.body = std::move(body);
    desk_.submit(std::move(entry), [&](const base::Status& status, std::uint64_t) {
      answers.push_back(status ? "good" : status.error().message);
    });
  };
  submit({{"title", "x"}});
  EXPECT_EQ(answers, std::vector<std::string>{"this desk does not lead; ask the one that does"});
  replica_.lead(1);
  submit({{"title", "x"}});
  submit({});
  turns();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[1], "good");
  EXPECT_EQ(answers[2], "'title' is missing");
  submit({{"title", "y"}});
  replica_.lose(2);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_NE(answers[3].find("not known"), std::string::npos);
}

TEST_F(ReplicatedDeskTest, EffectsGoOutOnceAndTheirFateComesBackThroughTheLog) {
  replica_.lead(1);
  send("a", "hook");
  send("a", "hook");
  send("m", "mail", false);
  send("o", "odd");
  turns(10);
  EXPECT_EQ(hands_.sent, (std::vector<std::string>{"a", "m"}));
  EXPECT_EQ(state("a"), EffectState::done);
  EXPECT_EQ(state("m"), EffectState::done);
  EXPECT_EQ(state("o"), EffectState::given_up);
}

TEST_F(ReplicatedDeskTest, AFailedEffectIsTriedAgainLaterAndLater) {
  replica_.lead(1);
  send("b", "broken");
  turns();
  EXPECT_EQ(hands_.given.size(), 1u);
  wall_ns_ += 1'000'000'000;
  turns();
  EXPECT_EQ(hands_.given.size(), 2u);
  wall_ns_ += 1'000'000'000;
  turns();
  EXPECT_EQ(hands_.given.size(), 2u) << "the second time it waits two seconds";
  wall_ns_ += 1'000'000'000;
  turns();
  EXPECT_EQ(hands_.given.size(), 3u);
}

TEST_F(ReplicatedDeskTest, AMailWhoseLastStepWasNotLoggedIsNotSentAndTheNextLeaderSendsIt) {
  replica_.lead(1);
  send("m", "mail", false);
  turns(1);                        // the entry is in the log
  dispatcher_.end_turn(wall_ns_);  // the mail is at its last step, `begun` waits for the log
  ASSERT_EQ(hands_.given.size(), 1u);
  replica_.lose(2);
  EXPECT_TRUE(hands_.sent.empty());
  dispatcher_.stop();
  replica_.lead(3);
  turns(10);
  EXPECT_EQ(hands_.sent, std::vector<std::string>{"m"});
  EXPECT_EQ(state("m"), EffectState::done);
}

TEST_F(ReplicatedDeskTest, TheSameLogMakesTheSameDeskAndSoDoesASnapshot) {
  replica_.lead(1);
  send("a", "hook");
  send("m", "mail", false);
  turns(10);
  ReplicatedDesk other(make_desk);
  for (const auto& batch : replica_.log()) ASSERT_TRUE(other.apply(1, 1, batch, {}, false).ok());
  EXPECT_EQ(other.desk().timeline().chain(), desk_.desk().timeline().chain());
  EXPECT_EQ(other.entries(), desk_.entries());
  base::ByteWriter snapshot;
  desk_.write_snapshot(snapshot);
  ReplicatedDesk restored(make_desk);
  ASSERT_TRUE(restored.load_snapshot(snapshot.view(), 1).ok());
  EXPECT_EQ(restored.desk().timeline().chain(), desk_.desk().timeline().chain());
  EXPECT_EQ(restored.desk().view("effect"), desk_.desk().view("effect"));
  EXPECT_FALSE(restored.load_snapshot(snapshot.view().first(snapshot.size() - 3), 1).ok());
}

TEST_F(ReplicatedDeskTest, TheProjectionHoldsEveryEntryItemAndEffect) {
  const journal::TemporaryFolder folder;
  const std::string path = folder.path() + "/desk.sqlite";
  auto projection = Projection::create(path);
  ASSERT_TRUE(projection.ok()) << projection.error().message;
  desk_.on_applied = [&](const Entry& entry, std::uint64_t index, const base::Status& answer,
                         std::uint64_t first) {
    projection.value()->add(desk_.desk(), entry, index, answer, first);
  };
  replica_.lead(1);
  send("a", "hook");
  Entry wrong;
  wrong.type = "incident.open";
  wrong.by = "person:taro";
  desk_.submit(std::move(wrong));
  turns(10);
  const base::Status committed = projection.value()->commit();
  ASSERT_TRUE(committed.ok()) << committed.error().message;
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  const auto number = [&](const char* query) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database, query, -1, &statement, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    const std::uint64_t found = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
    sqlite3_finalize(statement);
    return found;
  };
  EXPECT_EQ(number("SELECT count(*) FROM entries"), desk_.entries());
  EXPECT_EQ(number("SELECT count(*) FROM timeline"), desk_.desk().timeline().items().size());
  EXPECT_EQ(number("SELECT count(*) FROM effects WHERE key='a' AND state='done'"), 1u);
  EXPECT_EQ(number("SELECT count(*) FROM entries WHERE refused LIKE '%title%'"), 1u);
  sqlite3_close(database);
}

TEST_F(ReplicatedDeskTest, AReaderWhoHoldsTheProjectionOpenDoesNotEndIt) {
  const journal::TemporaryFolder folder;
  const std::string path = folder.path() + "/desk.sqlite";
  auto projection = Projection::create(path);
  ASSERT_TRUE(projection.ok()) << projection.error().message;
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &reader, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_stmt* held = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(reader, "SELECT 1 FROM sqlite_master", -1, &held, nullptr),
            SQLITE_OK);
  ASSERT_EQ(sqlite3_step(held), SQLITE_ROW);
  desk_.on_applied = [&](const Entry& entry, std::uint64_t index, const base::Status& answer,
                         std::uint64_t first) {
    projection.value()->add(desk_.desk(), entry, index, answer, first);
  };
  replica_.lead(1);
  send("a", "hook");
  turns(10);
  const base::Status committed = projection.value()->commit();
  EXPECT_TRUE(committed.ok()) << committed.error().message;
  sqlite3_finalize(held);
  sqlite3_close(reader);
}

}  // namespace
}  // namespace okiagari::desk
