#include "gateway/halt_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace okiagari::gateway {
namespace {

constexpr std::uint64_t kCluster = 77;
constexpr std::uint16_t kOperators[] = {1, 2, 3, 9};
constexpr std::uint64_t kNow_s = 1'800'000'000;
constexpr TimestampNs kNow_ns = kNow_s * 1'000'000'000;

base::KeyPair keys_of(std::uint16_t id) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(id);
  return base::key_pair_from_seed(seed);
}

// Operators 1 to 3 may start, 9 may only stop.
class HaltGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    // In memory where there is such a place: the tests sync hundreds of times.
    const std::filesystem::path memory = "/dev/shm";
    directory_ =
        (::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) /
        ("halt_guard_test_" + std::to_string(::getpid()) + "_" +
         testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  HaltGuard open() const {
    wire::OperatorKeys keys;
    for (const std::uint16_t id : kOperators) {
      EXPECT_TRUE(keys.add({id, "someone", keys_of(id).public_key, id == 9}));
    }
    return HaltGuard(directory_, kCluster, std::move(keys));
  }
  static wire::HaltDocument halt(std::uint64_t number, venue::Scope scope = venue::Scope::market,
                                 std::string target = "") {
    wire::HaltDocument document;
    document.cluster = kCluster;
    document.number = number;
    document.scope = scope;
    document.target = std::move(target);
    document.reason = "a test";
    document.issued_at_s = kNow_s;
    document.accept_until_s = kNow_s + 60;
    return document;
  }
  static wire::HaltDocument lift(std::uint64_t number, std::uint64_t lifts) {
    wire::HaltDocument document = halt(number);
    document.kind = wire::HaltKind::lift;
    document.lifts = lifts;
    return document;
  }
  static std::string signed_by(wire::HaltDocument document,
                               std::initializer_list<std::uint16_t> operators) {
    for (const std::uint16_t id : operators) {
      wire::sign_halt_document(document, id, keys_of(id).secret_key);
    }
    return wire::to_json(document);
  }
  static HaltVerdict give(HaltGuard& guard, const std::string& text) {
    return guard.hand_over(text, kNow_ns).verdict;
  }
  static OrderPlace order(MemberId member, std::string_view symbol, std::uint16_t segment) {
    return {member, true, wire::alpha<8>(symbol), true, segment};
  }

  std::filesystem::path directory_;
};

TEST_F(HaltGuardTest, OnePersonStopsTheMarketAndAlsoTheKeyThatMayOnlyStop) {
  for (const std::uint16_t id : {kOperators[0], kOperators[3]}) {
    std::filesystem::remove(directory_ / "halt_state.json");
    HaltGuard guard = open();
    EXPECT_FALSE(guard.stops(order(1, "ALPHA", 0)));
    EXPECT_EQ(give(guard, signed_by(halt(5), {id})), HaltVerdict::in_effect);
    EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
  }
}

TEST_F(HaltGuardTest, EachScopeStopsItsOwnAndWhatIsNotKnown) {
  struct Case {
    venue::Scope scope;
    std::string target;
    OrderPlace stopped;
    OrderPlace free;
  };
  const Case cases[] = {
      {venue::Scope::instrument, "ALPHA", order(1, "ALPHA", 1), order(1, "BETA", 1)},
      {venue::Scope::segment, "7", order(1, "ALPHA", 7), order(1, "ALPHA", 0)},
      {venue::Scope::member, "2", order(2, "ALPHA", 1), order(1, "ALPHA", 1)},
  };
  for (const Case& c : cases) {
    std::filesystem::remove(directory_ / "halt_state.json");
    HaltGuard guard = open();
    ASSERT_EQ(give(guard, signed_by(halt(5, c.scope, c.target), {1})), HaltVerdict::in_effect);
    EXPECT_TRUE(guard.stops(c.stopped));
    EXPECT_FALSE(guard.stops(c.free));
    EXPECT_TRUE(guard.stops(OrderPlace{}));
  }
}

TEST_F(HaltGuardTest, AForgedUnknownOrUnsignedDocumentChangesNothing) {
  HaltGuard guard = open();
  wire::HaltDocument document = halt(5);
  wire::sign_halt_document(document, 1, keys_of(2).secret_key);
  EXPECT_EQ(give(guard, wire::to_json(document)), HaltVerdict::signature_wrong);
  EXPECT_EQ(give(guard, signed_by(halt(5), {4})), HaltVerdict::unknown_operator);
  EXPECT_EQ(give(guard, signed_by(halt(5), {})), HaltVerdict::signature_missing);
  std::string altered = signed_by(halt(5, venue::Scope::instrument, "ALPHA"), {1});
  altered.replace(altered.find("ALPHA"), 5, "GAMMA");
  EXPECT_EQ(give(guard, altered), HaltVerdict::signature_wrong);
  // One that is good does not outweigh one that is not.
  document.signatures.clear();
  wire::sign_halt_document(document, 1, keys_of(1).secret_key);
  wire::sign_halt_document(document, 2, keys_of(3).secret_key);
  EXPECT_EQ(give(guard, wire::to_json(document)), HaltVerdict::signature_wrong);
  EXPECT_EQ(give(guard, "{}"), HaltVerdict::broken);
  EXPECT_FALSE(guard.is_any());
  EXPECT_EQ(guard.last_number(), 0u);
}

TEST_F(HaltGuardTest, AnotherClustersAndAnExpiredDocumentAreRefusedByName) {
  HaltGuard guard = open();
  wire::HaltDocument document = halt(5);
  document.cluster = kCluster + 1;
  EXPECT_EQ(give(guard, signed_by(document, {1})), HaltVerdict::wrong_cluster);
  document = halt(5);
  document.accept_until_s = kNow_s - 1;
  EXPECT_EQ(give(guard, signed_by(document, {1})), HaltVerdict::expired);
  document.accept_until_s = kNow_s;
  EXPECT_EQ(give(guard, signed_by(document, {1})), HaltVerdict::in_effect);
}

TEST_F(HaltGuardTest, AnExpiryDoesNotEndAHalt) {
  HaltGuard guard = open();
  ASSERT_EQ(give(guard, signed_by(halt(5), {1})), HaltVerdict::in_effect);
  (void)guard.hand_over(signed_by(lift(6, 5), {1}), kNow_ns + 3'600'000'000'000);
  EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
}

TEST_F(HaltGuardTest, AHaltThatWasLiftedDoesNotComeBackByItsOldDocument) {
  HaltGuard guard = open();
  const std::string stop = signed_by(halt(5), {1});
  ASSERT_EQ(give(guard, stop), HaltVerdict::in_effect);
  EXPECT_EQ(give(guard, stop), HaltVerdict::already_known);
  EXPECT_EQ(guard.halts().size(), 1u);
  // The same number with another content is no repeat.
  EXPECT_EQ(give(guard, signed_by(halt(5, venue::Scope::member, "1"), {1})),
            HaltVerdict::old_number);
  ASSERT_EQ(give(guard, signed_by(lift(6, 5), {1, 2})), HaltVerdict::lifted);
  EXPECT_EQ(give(guard, stop), HaltVerdict::old_number);
  EXPECT_FALSE(guard.is_any());
}

TEST_F(HaltGuardTest, ALiftNeedsTwoDifferentPeopleWhoMayStart) {
  HaltGuard guard = open();
  ASSERT_EQ(give(guard, signed_by(halt(5), {1})), HaltVerdict::in_effect);
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {1})), HaltVerdict::second_person_missing);
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {1, 1})), HaltVerdict::second_person_missing);
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {1, 9})), HaltVerdict::second_person_missing);
  EXPECT_TRUE(guard.is_any());
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {3, 2})), HaltVerdict::lifted);
  EXPECT_FALSE(guard.is_any());
}

TEST_F(HaltGuardTest, ALiftIsOfOneHaltAndOfThatHaltsScope) {
  HaltGuard guard = open();
  ASSERT_EQ(give(guard, signed_by(halt(5, venue::Scope::member, "1"), {1})),
            HaltVerdict::in_effect);
  ASSERT_EQ(give(guard, signed_by(halt(6), {1})), HaltVerdict::in_effect);
  EXPECT_EQ(give(guard, signed_by(lift(7, 5), {1, 2})), HaltVerdict::not_that_halt);
  EXPECT_EQ(give(guard, signed_by(lift(7, 6), {1, 2})), HaltVerdict::lifted);
  EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
  EXPECT_FALSE(guard.stops(order(2, "ALPHA", 0)));
}

// A gateway that got the lift before the halt must not be stopped by the halt that comes late.
TEST_F(HaltGuardTest, ALiftThatComesBeforeItsHaltCountsAllTheSame) {
  HaltGuard guard = open();
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {1, 2})), HaltVerdict::lifted);
  EXPECT_EQ(give(guard, signed_by(halt(5), {1})), HaltVerdict::old_number);
}

TEST_F(HaltGuardTest, ARestartForgetsNothing) {
  const std::string stop = signed_by(halt(5, venue::Scope::segment, "7"), {1});
  {
    HaltGuard guard = open();
    ASSERT_EQ(give(guard, stop), HaltVerdict::in_effect);
  }
  {
    HaltGuard guard = open();
    EXPECT_TRUE(guard.stops(order(1, "ALPHA", 7)));
    EXPECT_FALSE(guard.stops(order(1, "ALPHA", 8)));
    EXPECT_EQ(guard.halts()[0].reason, "a test");
    EXPECT_EQ(guard.halts()[0].since_ns, kNow_ns);
    EXPECT_EQ(give(guard, stop), HaltVerdict::already_known);
    wire::HaltDocument document = lift(6, 5);
    document.scope = venue::Scope::segment;
    document.target = "7";
    ASSERT_EQ(give(guard, signed_by(document, {1, 2})), HaltVerdict::lifted);
  }
  HaltGuard guard = open();
  EXPECT_FALSE(guard.is_any());
  EXPECT_EQ(guard.last_number(), 6u);
}

TEST_F(HaltGuardTest, ADamagedFileHaltsTheMarketUntilTwoPeopleLiftThat) {
  std::ofstream(directory_ / "halt_state.json") << "{\"version\":1,\"halts\":[";
  HaltGuard guard = open();
  EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
  EXPECT_EQ(give(guard, signed_by(lift(6, 0), {1})), HaltVerdict::second_person_missing);
  EXPECT_EQ(give(guard, signed_by(lift(6, 0), {1, 2})), HaltVerdict::lifted);
  EXPECT_FALSE(guard.is_any());
}

// The disk is full on the bad day: a stop stops, a start does not start.
TEST_F(HaltGuardTest, WithoutADiskAHaltIsObeyedAndALiftIsNot) {
  HaltGuard guard = open();
  std::filesystem::remove_all(directory_);
  EXPECT_EQ(give(guard, signed_by(halt(5), {1})), HaltVerdict::in_effect);
  EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
  EXPECT_EQ(give(guard, signed_by(lift(6, 5), {1, 2})), HaltVerdict::not_stored);
  EXPECT_TRUE(guard.stops(order(1, "ALPHA", 0)));
  std::filesystem::create_directories(directory_);
  guard.store_if_needed();
  EXPECT_TRUE(open().stops(order(1, "ALPHA", 0)));
}

TEST_F(HaltGuardTest, HaltsBeyondTheBoundAreRefusedByName) {
  HaltGuard guard = open();
  for (std::uint64_t number = 1; number <= HaltGuard::kHaltsMax; ++number) {
    ASSERT_EQ(give(guard, signed_by(halt(number, venue::Scope::member, "1"), {1})),
              HaltVerdict::in_effect);
  }
  EXPECT_EQ(give(guard, signed_by(halt(300, venue::Scope::member, "1"), {1})),
            HaltVerdict::too_many_halts);
  // There is always room for the one that stops everything.
  EXPECT_EQ(give(guard, signed_by(halt(301), {1})), HaltVerdict::in_effect);
  EXPECT_TRUE(guard.stops(order(2, "ALPHA", 0)));
}

}  // namespace
}  // namespace okiagari::gateway
