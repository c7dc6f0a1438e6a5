// Lines for snapshots, over real sockets: what goes over them, what does not, and what becomes of
// the link when one stands still, breaks or is not taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "journal/peer_greeting.h"
#include "journal/tcp_links_ends.h"

namespace okiagari::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What a program that is not ours, or not of this version, does with what it gets, byte by byte.
class RawNode {
 public:
  struct Taken {
    std::shared_ptr<net::Connection> connection;
    std::optional<PeerGreeting> greeting;
    std::vector<std::byte> bytes;  // behind the greeting
    bool has_ended = false;
  };

  RawNode(net::Loop& loop, const net::Endpoint& at, const net::Security& security = {}) {
    auto opened = net::Listener::open(
        loop, at, [this](std::shared_ptr<net::Connection> made) { accept(std::move(made)); },
        security);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    listener_ = std::move(opened.value());
  }
  ~RawNode() {
    for (Taken& one : taken_) one.connection->close();
  }
  RawNode(const RawNode&) = delete;
  RawNode& operator=(const RawNode&) = delete;

  bool takes_bulk = true;    // false: ends the connection, as one that does not know it
  bool answers_bulk = true;  // false: says nothing
  bool reads_bulk = true;    // false: answers and reads no further
  bool breaks_bulk = false;  // ends it with the first bytes that come

  [[nodiscard]] std::size_t count(LineKind kind) const {
    return static_cast<std::size_t>(std::count_if(
        taken_.begin(), taken_.end(),
        [&](const Taken& one) { return one.greeting && one.greeting->kind == kind; }));
  }
  // What came over all connections of that kind.
  [[nodiscard]] std::vector<Term> terms(LineKind kind) const {
    std::vector<Term> terms;
    for_each_frame(kind, [&](base::Bytes frame) {
      if (!offset_of(frame)) terms.push_back(term_of(frame));
    });
    return terms;
  }
  [[nodiscard]] std::vector<std::uint64_t> offsets(LineKind kind) const {
    std::vector<std::uint64_t> offsets;
    for_each_frame(kind, [&](base::Bytes frame) {
      if (const auto offset = offset_of(frame)) offsets.push_back(*offset);
    });
    return offsets;
  }

 private:
  template <typename Visitor>
  void for_each_frame(LineKind kind, Visitor&& visit) const {
    for (const Taken& one : taken_) {
      if (!one.greeting || one.greeting->kind != kind) continue;
      base::Bytes rest = one.bytes;
      for (auto length = frame_length(rest); length && *length != 0 && *length <= rest.size();
           length = frame_length(rest)) {
        visit(rest.first(*length));
        rest = rest.subspan(*length);
      }
    }
  }
  void accept(std::shared_ptr<net::Connection> made) {
    Taken& one = taken_.emplace_back();
    one.connection = std::move(made);
    one.connection->start([this, &one](base::Bytes bytes) { return take(one, bytes); },
                          [&one](const std::string&) { one.has_ended = true; });
  }
  std::size_t take(Taken& one, base::Bytes bytes) {
    if (one.greeting) {
      one.bytes.insert(one.bytes.end(), bytes.begin(), bytes.end());
      if (one.greeting->kind == LineKind::bulk && breaks_bulk) one.connection->close();
      return bytes.size();
    }
    if (bytes.size() < kGreetingBytes) return 0;
    one.greeting = decode_greeting(bytes.first(kGreetingBytes));
    if (one.greeting && one.greeting->kind == LineKind::bulk) take_bulk(one);
    return kGreetingBytes;
  }
  void take_bulk(Taken& one) const {
    if (!takes_bulk) return one.connection->close();
    if (!answers_bulk) return;
    PeerGreeting answer = *one.greeting;
    std::swap(answer.from, answer.to);
    base::ByteWriter bytes;
    encode(answer, bytes);
    EXPECT_TRUE(one.connection->send(bytes.view()));
    one.connection->flush();
    if (!reads_bulk) one.connection->pause();
  }

  std::unique_ptr<net::Listener> listener_;
  std::deque<Taken> taken_;
};

// What a program that is not ours says.
class RawCaller {
 public:
  RawCaller(net::Loop& loop, const net::Endpoint& to, const net::Security& security = {}) {
    net::connect(
        loop, to,
        [this](std::shared_ptr<net::Connection> made, const std::string& error) {
          ASSERT_NE(made, nullptr) << error;
          connection_ = std::move(made);
          connection_->start(
              [this](base::Bytes bytes) {
                received_.insert(received_.end(), bytes.begin(), bytes.end());
                return bytes.size();
              },
              [this](const std::string&) { has_ended_ = true; });
        },
        security);
  }
  ~RawCaller() { close(); }
  RawCaller(const RawCaller&) = delete;
  RawCaller& operator=(const RawCaller&) = delete;

  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool was_answered() const { return received_.size() == kGreetingBytes; }
  [[nodiscard]] base::Bytes received() const { return received_; }
  void say(base::Bytes bytes) {
    EXPECT_TRUE(connection_->send(bytes));
    connection_->flush();
  }
  void say(const PeerGreeting& greeting) {
    base::ByteWriter bytes;
    encode(greeting, bytes);
    say(bytes.view());
  }
  void close() {
    if (connection_ != nullptr) connection_->close();
  }

 private:
  std::shared_ptr<net::Connection> connection_;
  std::vector<std::byte> received_;
  bool has_ended_ = false;
};

PeerGreeting greeting(LineKind kind, std::uint64_t number, std::uint64_t incarnation = 7) {
  return {kind, version_of(kind), 1, 2, 1, incarnation, number};
}

// Node 1 is ours; node 2 is a program of the test.
class BulkSenderTest : public SecuredTcpLinksTest {
 protected:
  void open_one(TcpLinksOptions with) {
    open(one_, std::move(with));
    ASSERT_TRUE(wait([this] { return one_.links->is_connected_to(2); }));
  }
  bool send_chunk(std::uint64_t offset, std::size_t bytes = 100) {
    const bool is_taken = one_.links->send_bulk(2, chunk_of(1, offset, bytes));
    one_.links->flush();
    return is_taken;
  }
  void send_term(Term term) {
    ASSERT_TRUE(one_.links->send(2, frame_of(1, term)));
    one_.links->flush();
  }
};

TEST_F(BulkSenderTest, PiecesOfASnapshotGoOverAConnectionOfTheirOwn) {
  RawNode two(loop_, endpoints_[1]);
  open_one(options(1));
  for (std::uint64_t offset = 0; offset < 3; ++offset) ASSERT_TRUE(send_chunk(offset));
  send_term(5);
  ASSERT_TRUE(wait([&] {
    return two.offsets(LineKind::bulk).size() == 3 && two.terms(LineKind::link).size() == 1;
  }));
  EXPECT_THAT(two.offsets(LineKind::bulk), ElementsAre(0, 1, 2));
  EXPECT_THAT(two.offsets(LineKind::link), IsEmpty());
  EXPECT_EQ(two.count(LineKind::bulk), 1U);
}

// The line is full down to the socket, and stays so. What is urgent must not notice.
TEST_F(BulkSenderTest, OrdersGoOnWhileNobodyReadsTheLineForSnapshots) {
  RawNode two(loop_, endpoints_[1]);
  two.reads_bulk = false;
  TcpLinksOptions with = options(1);
  with.bulk.stuck_ms = 60'000;
  open_one(with);
  ASSERT_TRUE(send_chunk(0));
  ASSERT_TRUE(wait([&] { return two.count(LineKind::bulk) == 1; }));
  std::uint64_t taken = 1;
  std::uint64_t refused = 0;
  // Until nothing goes on although the kernels were given time.
  ASSERT_TRUE(wait([&] {
    while (send_chunk(taken, kSnapshotChunkBytes)) ++taken, refused = 0;
    return ++refused >= 20;
  }));
  EXPECT_TRUE(one_.links->is_bulk_on_its_way(2));
  for (Term term = 1; term <= 100; ++term) send_term(term);
  ASSERT_TRUE(wait([&] { return two.terms(LineKind::link).size() == 100; }));
  EXPECT_THAT(two.offsets(LineKind::link), IsEmpty());
  EXPECT_FALSE(send_chunk(taken, kSnapshotChunkBytes)) << "the line has moved";
}

TEST_F(BulkSenderTest, NoMoreWaitsForALineThatIsNotTakenThanOneFrameMayBe) {
  RawNode two(loop_, endpoints_[1]);
  two.answers_bulk = false;
  TcpLinksOptions with = options(1);
  with.bulk.taken_within_ms = 60'000;
  open_one(with);
  std::uint64_t taken = 0;
  while (taken < 100 && send_chunk(taken, kSnapshotChunkBytes)) ++taken;
  EXPECT_EQ(taken, kFrameBytesMax / kSnapshotChunkBytes - 1);
}

// As every server of a version before did with what is no greeting that it knows.
TEST_F(BulkSenderTest, AServerThatDoesNotKnowSuchLinesIsSentTheSnapshotOverTheLink) {
  RawNode two(loop_, endpoints_[1]);
  two.takes_bulk = false;
  open_one(options(1));
  for (std::uint64_t offset = 0; offset < 4; ++offset) ASSERT_TRUE(send_chunk(offset));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::link).size() == 4; }));
  EXPECT_THAT(two.offsets(LineKind::link), ElementsAre(0, 1, 2, 3)) << "what waited is not lost";
  EXPECT_TRUE(
      one_.said("node 2: our line for snapshots is not taken: closed by the peer. They go "
                "over the link"));
  ASSERT_TRUE(send_chunk(4));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::link).size() == 5; }));
  EXPECT_EQ(two.count(LineKind::bulk), 1U) << "it is not asked each time";
  EXPECT_EQ(two.count(LineKind::link), 1U);
}

TEST_F(BulkSenderTest, AServerThatWasRefusedLongAgoIsAskedAgain) {
  RawNode two(loop_, endpoints_[1]);
  two.takes_bulk = false;
  TcpLinksOptions with = options(1);
  with.bulk.again_ms = 50;
  open_one(with);
  ASSERT_TRUE(send_chunk(0));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::link).size() == 1; }));
  two.takes_bulk = true;
  std::uint64_t offset = 0;
  ASSERT_TRUE(wait([&] {
    static_cast<void>(send_chunk(++offset));
    return !two.offsets(LineKind::bulk).empty();
  }));
}

TEST_F(BulkSenderTest, ALineThatIsNotAnsweredIsGivenUp) {
  RawNode two(loop_, endpoints_[1]);
  two.answers_bulk = false;
  TcpLinksOptions with = options(1);
  with.bulk.taken_within_ms = 50;
  open_one(with);
  ASSERT_TRUE(send_chunk(0));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::link).size() == 1; }));
  EXPECT_TRUE(one_.said("it was not taken within 50 ms"));
}

TEST_F(BulkSenderTest, ALineThatDoesNotMoveIsGivenUp) {
  RawNode two(loop_, endpoints_[1]);
  two.reads_bulk = false;
  TcpLinksOptions with = options(1);
  with.bulk.stuck_ms = 100;
  open_one(with);
  std::uint64_t offset = 0;
  ASSERT_TRUE(wait([&] {
    static_cast<void>(send_chunk(++offset, kSnapshotChunkBytes));
    return !two.offsets(LineKind::link).empty();
  }));
  EXPECT_TRUE(
      one_.said("node 2: our line for snapshots ended: nothing of what was sent is "
                "acknowledged for 100 ms. They go over the link"));
  EXPECT_EQ(two.count(LineKind::link), 1U) << "the link is the same";
}

TEST_F(BulkSenderTest, TheLossOfTheLineIsNoLossOfTheLink) {
  RawNode two(loop_, endpoints_[1]);
  two.breaks_bulk = true;
  open_one(options(1));
  RawCaller back(loop_, endpoints_[0]);
  ASSERT_TRUE(wait([&] { return back.is_connected(); }));
  PeerGreeting hello = greeting(LineKind::link, 1);
  std::swap(hello.from, hello.to);
  back.say(hello);
  ASSERT_TRUE(wait([&] { return one_.changes.size() == 1; }));
  ASSERT_TRUE(send_chunk(0));
  ASSERT_TRUE(wait([&] { return one_.said("our line for snapshots ended"); }));
  ASSERT_TRUE(send_chunk(1));
  send_term(9);
  ASSERT_TRUE(wait([&] { return two.terms(LineKind::link).size() == 1; }));
  EXPECT_THAT(two.offsets(LineKind::link), ElementsAre(1));
  EXPECT_EQ(two.count(LineKind::link), 1U);
  EXPECT_THAT(one_.changes, ElementsAre(std::make_pair(NodeId{2}, true)));
}

TEST_F(BulkSenderTest, AnIdleLineEndsAndTheNextPieceOpensAnother) {
  RawNode two(loop_, endpoints_[1]);
  TcpLinksOptions with = options(1);
  with.bulk.idle_ms = 60;
  open_one(with);
  ASSERT_TRUE(send_chunk(0));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::bulk).size() == 1; }));
  ASSERT_TRUE(wait([&] { return !one_.links->bulk_network_of(2); }));
  EXPECT_THAT(one_.lines, IsEmpty()) << "nothing is wrong";
  ASSERT_TRUE(send_chunk(1));
  ASSERT_TRUE(wait([&] { return two.offsets(LineKind::bulk).size() == 2; }));
  EXPECT_EQ(two.count(LineKind::bulk), 2U);
  EXPECT_EQ(two.count(LineKind::link), 1U);
}

TEST_F(BulkSenderTest, ThereIsNoLineWithoutALinkNorToAServerThatWasRemoved) {
  open(one_, options(1));
  EXPECT_FALSE(one_.links->send_bulk(2, chunk_of(1, 0)));
  RawNode two(loop_, endpoints_[1]);
  ASSERT_TRUE(wait([this] { return one_.links->is_connected_to(2); }));
  ASSERT_TRUE(send_chunk(1));
  ASSERT_TRUE(one_.links->bulk_network_of(2));
  one_.links->retire(2);
  EXPECT_FALSE(one_.links->bulk_network_of(2));
  ASSERT_TRUE(send_chunk(2));
  ASSERT_TRUE(wait([&] { return !two.offsets(LineKind::link).empty(); }));
  EXPECT_FALSE(one_.links->bulk_network_of(2));
}

// Node 2 is ours, and a program of the test says it is node 1.
class BulkReceiverTest : public SecuredTcpLinksTest {
 protected:
  std::unique_ptr<RawCaller> call(const PeerGreeting& hello, const net::Security& security = {}) {
    auto caller = std::make_unique<RawCaller>(loop_, endpoints_[1], security);
    EXPECT_TRUE(wait([&] { return caller->is_connected(); }));
    caller->say(hello);
    return caller;
  }
  void expect_refused(const PeerGreeting& hello, const std::string& reason) {
    const auto caller = call(hello);
    ASSERT_TRUE(wait([&] { return caller->has_ended(); })) << reason;
    EXPECT_FALSE(caller->was_answered());
    EXPECT_TRUE(two_.said(reason)) << reason;
  }
};

TEST_F(BulkReceiverTest, ALineIsAnsweredWithItsGreeting) {
  open(two_, options(2));
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  const auto bulk = call(greeting(LineKind::bulk, 1));
  ASSERT_TRUE(wait([&] { return bulk->was_answered(); }));
  PeerGreeting expected = greeting(LineKind::bulk, 1);
  std::swap(expected.from, expected.to);
  EXPECT_EQ(decode_greeting(bulk->received()), expected);
  bulk->say(chunk_of(1, 4));
  ASSERT_TRUE(wait([this] { return two_.chunks.size() == 1; }));
  EXPECT_THAT(two_.chunks, ElementsAre(4));
}

TEST_F(BulkReceiverTest, OnlyPiecesOfSnapshotsAreTakenFromTheLine) {
  open(two_, options(2));
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  const auto bulk = call(greeting(LineKind::bulk, 1));
  bulk->say(chunk_of(1, 4));
  bulk->say(frame_of(1, 9));
  ASSERT_TRUE(wait([&] { return bulk->has_ended(); }));
  EXPECT_TRUE(two_.said("node 1 sent what is no piece of a snapshot over its line for snapshots"));
  EXPECT_THAT(two_.chunks, ElementsAre(4));
  EXPECT_THAT(two_.frames, IsEmpty());
  link->say(frame_of(1, 10));
  ASSERT_TRUE(wait([this] { return two_.frames.size() == 1; }));
  EXPECT_THAT(two_.changes, SizeIs(1)) << "the link is as it was";
}

TEST_F(BulkReceiverTest, ItsEndSaysNothingOfThePeer) {
  open(two_, options(2));
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  auto bulk = call(greeting(LineKind::bulk, 1));
  ASSERT_TRUE(wait([&] { return bulk->was_answered(); }));
  bulk.reset();
  const auto next = call(greeting(LineKind::bulk, 2));
  ASSERT_TRUE(wait([&] { return next->was_answered(); }));
  link->say(frame_of(1, 10));
  ASSERT_TRUE(wait([this] { return two_.frames.size() == 1; }));
  EXPECT_THAT(two_.changes, ElementsAre(std::make_pair(NodeId{1}, true)));
}

TEST_F(BulkReceiverTest, StrangersAndLinesOfAnotherTimeAreRefused) {
  open(two_, options(2));
  const std::string no_link = "node 1 has a line for snapshots and no link";
  expect_refused(greeting(LineKind::bulk, 1), no_link);
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  two_.lines.clear();
  PeerGreeting other = greeting(LineKind::bulk, 1);
  other.cluster = 7;
  expect_refused(other, "node 1 is of cluster 0000000000000007");
  other = greeting(LineKind::bulk, 1);
  other.version = 9;
  expect_refused(other, "node 1 speaks version 9");
  other = greeting(LineKind::bulk, 1);
  other.to = 3;
  expect_refused(other, "node 1 looks for node 3");
  other = greeting(LineKind::bulk, 1);
  other.from = 5;
  expect_refused(other, "node 5 has a line for snapshots and no link");
  expect_refused(greeting(LineKind::bulk, 1, 6), no_link);
  const auto third = call(greeting(LineKind::bulk, 3));
  ASSERT_TRUE(wait([&] { return third->was_answered(); }));
  expect_refused(greeting(LineKind::bulk, 3), "node 1 has a newer line for snapshots");
  EXPECT_FALSE(third->has_ended());
  EXPECT_THAT(two_.changes, SizeIs(1));
}

TEST_F(BulkReceiverTest, ANewerLineTakesThePlaceOfTheOlder) {
  open(two_, options(2));
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  const auto first = call(greeting(LineKind::bulk, 1));
  ASSERT_TRUE(wait([&] { return first->was_answered(); }));
  const auto second = call(greeting(LineKind::bulk, 2));
  ASSERT_TRUE(wait([&] { return second->was_answered() && first->has_ended(); }));
}

TEST_F(BulkReceiverTest, TheLineEndsWithTheLifeOfItsPeer) {
  open(two_, options(2));
  const auto link = call(greeting(LineKind::link, 1));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 1; }));
  const auto bulk = call(greeting(LineKind::bulk, 1));
  ASSERT_TRUE(wait([&] { return bulk->was_answered(); }));
  const auto next_life = call(greeting(LineKind::link, 1, 8));
  ASSERT_TRUE(wait([&] { return bulk->has_ended(); }));
  const auto first_again = call(greeting(LineKind::bulk, 1, 8));
  ASSERT_TRUE(wait([&] { return first_again->was_answered(); }));
}

TEST_F(BulkReceiverTest, WithTlsALineWithTheCertificateOfAnotherIsRefused) {
  open(one_, secured(1, "node-1"));
  open(two_, secured(2, "node-2"));
  ASSERT_TRUE(wait([this] { return !one_.changes.empty() && !two_.changes.empty(); }));
  const net::Security of_three{secured(1, "node-3").identity, "node-2"};
  const auto bulk = call(greeting(LineKind::bulk, 1, 1), of_three);
  ASSERT_TRUE(wait([&] { return bulk->has_ended(); }));
  EXPECT_TRUE(two_.said("it says it is node 1 and has the certificate of somebody else"));
  ASSERT_TRUE(one_.links->send_bulk(2, chunk_of(1, 0)));
  one_.links->flush();
  ASSERT_TRUE(wait([this] { return two_.chunks.size() == 1; })) << "the right one is let in";
}

// Both ends ours.
class BulkLinesTest : public TwoNetworksTest {
 protected:
  void send_chunk() {
    static_cast<void>(one_.links->send_bulk(2, chunk_of(1, ++offset_)));
    one_.links->flush();
  }
  // As the owner does: what is lost is sent again.
  bool arrives_over(Network network) {
    const std::size_t before = two_.chunks.size();
    return wait_talking([&] {
      send_chunk();
      return two_.chunks.size() > before && one_.links->bulk_network_of(2) == network;
    });
  }

  std::uint64_t offset_ = 0;
};

TEST_F(BulkLinesTest, WithTlsManyPiecesArriveInOrderAndNoneOverTheLink) {
  open(one_, secured(1, "node-1"));
  open(two_, secured(2, "node-2"));
  ASSERT_TRUE(wait([this] { return !one_.changes.empty() && !two_.changes.empty(); }));
  std::vector<std::uint64_t> sent;
  ASSERT_TRUE(wait([&] {
    const std::uint64_t offset = sent.size();
    const bool may_send = offset < 40 && offset < two_.chunks.size() + 4;
    if (may_send && one_.links->send_bulk(2, chunk_of(1, offset, kSnapshotChunkBytes))) {
      sent.push_back(offset);
    }
    one_.links->flush();
    return two_.chunks.size() == 40;
  }));
  EXPECT_EQ(two_.chunks, sent);
  EXPECT_EQ(one_.links->bulk_network_of(2), Network::a);
}

TEST_F(BulkLinesTest, ThePeerDiesAndItsLineWithIt) {
  ASSERT_TRUE(connect_both());
  ASSERT_TRUE(arrives_over(Network::a));
  two_.links.reset();
  ASSERT_TRUE(wait([this] { return one_.changes.size() == 2; }));
  EXPECT_FALSE(one_.links->bulk_network_of(2));
  EXPECT_FALSE(one_.links->send_bulk(2, chunk_of(1, 0)));
  open(two_, options(2, 2));
  ASSERT_TRUE(arrives_over(Network::a)) << "nothing is held against the next life";
}

TEST_F(BulkLinesTest, OfTwoNetworksPiecesTakeTheOneThatOrdersDoNot) {
  open_both();
  ASSERT_TRUE(arrives_over(Network::b));
  EXPECT_EQ(one_.links->networks_of(2).used, Network::a);
}

TEST_F(BulkLinesTest, ItsNetworkIsCutAndPiecesGoWithTheOrders) {
  TcpLinksOptions with = with_both(options(1));
  with.bulk.stuck_ms = 100;
  open_both(with, with_both(options(2)));
  ASSERT_TRUE(arrives_over(Network::b));
  network_b_.cut();
  ASSERT_TRUE(arrives_over(Network::a));
  EXPECT_TRUE(one_.said("node 2: our line for snapshots over network B ended"));
  EXPECT_TRUE(one_.networks.empty()) << "orders stay where they are";
  expect_in_order_and_nobody_lost();
}

TEST_F(BulkLinesTest, OrdersGoOverToItsNetworkAndLaterItMakesRoom) {
  open_both();
  ASSERT_TRUE(arrives_over(Network::b));
  network_a_.cut();
  ASSERT_TRUE(wait_talking([this] { return !one_.networks.empty() && !two_.networks.empty(); }));
  ASSERT_TRUE(arrives_over(Network::b)) << "there is no other";
  network_a_.mend();
  ASSERT_TRUE(wait_talking([this] { return both_use(Network::b); }));
  ASSERT_TRUE(arrives_over(Network::a));
  expect_in_order_and_nobody_lost();
}

}  // namespace
}  // namespace okiagari::journal
