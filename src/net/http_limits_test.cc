// Goal: every limit of the HTTP server has the answer that http_server.h states, and costs only the
// peer that broke it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_server.h"
#include "net/raw_peer.h"

namespace okiagari::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

class HttpLimitsTest : public testing::Test {
 protected:
  HttpServerLimits limits_;

  void open() {
    auto opened = HttpServer::open(loop_, {.listen = {}, .tls = {}, .limits = limits_},
                                   [this](const HttpRequest& request, HttpReply reply) {
                                     if (request.path == "/later") {
                                       kept_.push_back(std::move(reply));
                                     } else if (request.path == "/events") {
                                       stream_ = reply.stream({{"X-Mark", "7"}});
                                     } else {
                                       reply.send({.status = 200, .headers = {}, .body = body_});
                                     }
                                   });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    server_ = std::move(opened.value());
  }

  // What a peer that sends this is told before its connection ends.
  std::string refusal(std::string_view text) {
    RawPeer peer(loop_, server_->endpoint());
    peer.send(text);
    EXPECT_TRUE(peer.gets_closed());
    EXPECT_EQ(server_->counts().requests, 0U);
    RawPeer good(loop_, server_->endpoint());
    good.send(kGet);
    EXPECT_TRUE(good.gets("200 OK")) << "others are served";
    return peer.received();
  }

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
  std::vector<HttpReply> kept_;
  HttpStream stream_;
  std::string body_ = "hello";
};

TEST_F(HttpLimitsTest, HeadersTooLargeAre431) {
  limits_.header_bytes_max = 1'000;
  open();
  EXPECT_THAT(refusal("GET / HTTP/1.1\r\nHost: here\r\nX: " + std::string(1'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpLimitsTest, HeadersThatNeverEndAre431) {
  limits_.header_bytes_max = 1'000;
  open();
  EXPECT_THAT(refusal("GET /" + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpLimitsTest, BodyTooLargeIs413BeforeItIsRead) {
  limits_.body_bytes_max = 10;
  open();
  EXPECT_THAT(refusal("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 11\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpLimitsTest, ChunkedBodyTooLargeIs413) {
  limits_.body_bytes_max = 10;
  open();
  EXPECT_THAT(refusal("POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpLimitsTest, PeerThatSendsAWholeBodyTooLargeStillReadsItsAnswer) {
  open();
  EXPECT_THAT(refusal("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3000000\r\n\r\n" +
                      std::string(3'000'000, 'x')),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpLimitsTest, RequestThatIsNotWholeInTimeIs408) {
  limits_.request_timeout_ms = 30;
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET / HTTP/1.1\r\nHost:");
  ASSERT_TRUE(peer.gets_closed());
  EXPECT_THAT(peer.received(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpLimitsTest, ConnectionThatNeverAsksIsClosed) {
  limits_.request_timeout_ms = 30;
  open();
  RawPeer peer(loop_, server_->endpoint());
  ASSERT_TRUE(peer.gets_closed());
  EXPECT_EQ(peer.received(), "");
}

TEST_F(HttpLimitsTest, IdleConnectionIsClosed) {
  limits_.idle_timeout_ms = 30;
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send(kGet);
  ASSERT_TRUE(peer.gets_closed());
  EXPECT_EQ(peer.count("HTTP/1.1 "), 1);
  EXPECT_EQ(server_->counts().connections, 0U);
}

TEST_F(HttpLimitsTest, ConnectionBeyondTheLimitIs503) {
  limits_.connections_max = 1;
  open();
  RawPeer first(loop_, server_->endpoint());
  first.send(kGet);
  ASSERT_TRUE(first.gets("200 OK"));
  {
    RawPeer second(loop_, server_->endpoint());
    second.send(kGet);
    ASSERT_TRUE(second.gets_closed());
    EXPECT_THAT(second.received(), StartsWith("HTTP/1.1 503 "));
    EXPECT_EQ(server_->counts().connections_refused, 1U);
  }
  first.close();
  ASSERT_TRUE(turn_until(loop_, [&] { return server_->counts().connections == 0; }));
  RawPeer third(loop_, server_->endpoint());
  third.send(kGet);
  EXPECT_TRUE(third.gets("200 OK"));
}

TEST_F(HttpLimitsTest, OneAddressCannotTakeAllConnections) {
  limits_.connections_per_peer_max = 2;
  open();
  RawPeer first(loop_, server_->endpoint());
  RawPeer second(loop_, server_->endpoint());
  RawPeer third(loop_, server_->endpoint());
  ASSERT_TRUE(third.gets_closed());
  EXPECT_THAT(third.received(), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(third.received(), HasSubstr("from this address"));
}

TEST_F(HttpLimitsTest, TooManyRequestsBeforeAnAnswerAre429) {
  limits_.pipelined_max = 3;
  open();
  RawPeer peer(loop_, server_->endpoint());
  std::string many;
  for (int i = 0; i < 20; ++i) many += kGet;
  peer.send(many);
  ASSERT_TRUE(peer.gets_closed());
  EXPECT_EQ(peer.count("HTTP/1.1 200 "), 4);
  EXPECT_EQ(peer.count("HTTP/1.1 429 "), 1);
}

TEST_F(HttpLimitsTest, OneRequestAfterTheOtherIsNeverTooMany) {
  limits_.pipelined_max = 3;
  open();
  RawPeer peer(loop_, server_->endpoint());
  for (int i = 1; i <= 50; ++i) {
    peer.send(kGet);
    ASSERT_TRUE(peer.gets("200 OK", i));
  }
}

TEST_F(HttpLimitsTest, MalformedRequestsAre400) {
  open();
  for (const std::string_view text : {
           "nonsense\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
           "GET /%zz HTTP/1.1\r\nHost: here\r\n\r\n",
           "GET /a/../b HTTP/1.1\r\nHost: here\r\n\r\n",
           "GET /?a=1&a=2 HTTP/1.1\r\nHost: here\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: here\r\nContent-Length: x\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "GET / HTTP/1.1\r\nHost : here\r\n\r\n",
       }) {
    RawPeer peer(loop_, server_->endpoint());
    peer.send(text);
    ASSERT_TRUE(peer.gets_closed()) << text;
    EXPECT_THAT(peer.received(), StartsWith("HTTP/1.1 400 ")) << text;
    EXPECT_THAT(peer.received(), HasSubstr("application/problem+json")) << text;
    EXPECT_EQ(server_->counts().requests, 0U) << text;
  }
}

TEST_F(HttpLimitsTest, UnknownMethodIs501) {
  open();
  EXPECT_THAT(refusal("BREW / HTTP/1.1\r\nHost: here\r\n\r\n"), StartsWith("HTTP/1.1 501 "));
}

TEST_F(HttpLimitsTest, HandlerThatNeverAnswersIs503AndItsLateAnswerGoesNowhere) {
  limits_.answer_timeout_ms = 30;
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /later HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(peer.gets_closed());
  EXPECT_THAT(peer.received(), StartsWith("HTTP/1.1 503 "));
  ASSERT_EQ(kept_.size(), 1U);
  EXPECT_FALSE(kept_[0].is_wanted());
  kept_[0].send({});
}

TEST_F(HttpLimitsTest, PeerThatDoesNotReadItsAnswerIsClosed) {
  limits_.write_timeout_ms = 50;
  body_ = std::string(64u << 20, 'x');
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.stop_reading();
  peer.send(kGet);
  ASSERT_TRUE(turn_until(loop_, [&] { return server_->counts().requests == 1; }));
  EXPECT_TRUE(turn_until(loop_, [&] { return server_->counts().connections == 0; }));
}

TEST_F(HttpLimitsTest, ExpectingPeerIsToldToContinue) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("POST / HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  ASSERT_TRUE(peer.gets("HTTP/1.1 100 Continue\r\n\r\n"));
  peer.send("ab");
  ASSERT_TRUE(peer.gets("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpLimitsTest, StreamSendsEventsUntilItIsClosed) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(peer.gets("text/event-stream"));
  EXPECT_EQ(peer.count("X-Mark: 7\r\n"), 1);
  ASSERT_TRUE(stream_.is_open());
  EXPECT_TRUE(stream_.send("halt", "7", "one\ntwo"));
  EXPECT_TRUE(stream_.send("", "", "x"));
  ASSERT_TRUE(peer.gets("event: halt\nid: 7\ndata: one\ndata: two\n\ndata: x\n\n"));
  stream_.close();
  EXPECT_FALSE(stream_.send("", "", "y"));
  EXPECT_TRUE(peer.gets_closed());
  EXPECT_EQ(server_->counts().streams, 0U);
}

TEST_F(HttpLimitsTest, StreamOfAReaderThatLeavesIsClosedAndSaysSo) {
  open();
  int closed = 0;
  {
    RawPeer peer(loop_, server_->endpoint());
    peer.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n");
    ASSERT_TRUE(peer.gets("text/event-stream"));
    stream_.on_close([&] { ++closed; });
  }
  ASSERT_TRUE(turn_until(loop_, [&] { return closed == 1; }));
  EXPECT_FALSE(stream_.is_open());
}

TEST_F(HttpLimitsTest, StreamOfAReaderThatDoesNotReadIsClosedWhenItsQueueIsFull) {
  limits_.stream_queue_bytes_max = 100'000;
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(peer.gets("text/event-stream"));
  peer.stop_reading();
  int closed = 0;
  stream_.on_close([&] { ++closed; });
  const std::string data(10'000, 'x');
  int sent = 0;
  while (stream_.send("", "", data) && sent < 10'000) {
    ++sent;
    loop_.poll();
  }
  EXPECT_LT(sent, 10'000);
  EXPECT_EQ(closed, 0) << "not from inside of send()";
  EXPECT_TRUE(turn_until(loop_, [&] { return closed == 1; }));
  EXPECT_EQ(server_->counts().connections, 0U);
}

TEST_F(HttpLimitsTest, QuietStreamHasAHeartbeat) {
  limits_.stream_heartbeat_ms = 20;
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(peer.gets(": \n\n", 2));
}

TEST_F(HttpLimitsTest, ServerThatEndsClosesItsStreams) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(peer.gets("text/event-stream"));
  int closed = 0;
  stream_.on_close([&] { ++closed; });
  server_ = nullptr;
  EXPECT_FALSE(stream_.is_open());
  EXPECT_TRUE(turn_until(loop_, [&] { return closed == 1; }));
  EXPECT_TRUE(peer.gets_closed());
}

}  // namespace
}  // namespace okiagari::net
