#include "net/http_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "net/problem.h"
#include "net/raw_peer.h"

namespace okiagari::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  void open(const HttpServerLimits& limits = {}) {
    auto opened = HttpServer::open(
        loop_, {.listen = {}, .tls = {}, .limits = limits},
        [this](const HttpRequest& request, HttpReply reply) { handle(request, std::move(reply)); });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    server_ = std::move(opened.value());
  }

  void handle(const HttpRequest& request, HttpReply reply) {
    requests_.push_back(request);
    if (request.path == "/later") {
      kept_.push_back(std::move(reply));
    } else if (request.path == "/events") {
      stream_ = reply.stream();
    } else if (request.path == "/big") {
      reply.send({.status = 200, .headers = {}, .body = std::string(64u << 20, 'x')});
    } else if (request.path == "/broken") {
      reply.send({.status = 200, .headers = {{"X-Name", "a\r\nSet-Cookie: b"}}, .body = {}});
    } else if (request.path != "/dropped") {
      reply.send({.status = 200,
                  .headers = {{"Content-Type", "text/plain"}},
                  .body = fmt::format("{} {}", to_string(request.method), request.path)});
    }
  }

  // Sends it and returns everything until the server ends the connection.
  std::string exchange(std::string_view text) {
    RawPeer peer(loop_, server_->endpoint());
    peer.send(text);
    EXPECT_TRUE(peer.gets_closed());
    return peer.received();
  }

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
  std::vector<HttpRequest> requests_;
  std::vector<HttpReply> kept_;
  HttpStream stream_;
};

TEST_F(HttpServerTest, RequestReachesTheHandlerDecoded) {
  open();
  const std::string answer = exchange(
      "POST /a%20b?x=1&y=two+words&z HTTP/1.1\r\nHost: here\r\nCookie: a=1; session=\"abc\"\r\n"
      "X-One: 1\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nPOST /a b"));
  ASSERT_EQ(requests_.size(), 1U);
  const HttpRequest& request = requests_[0];
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.parameter("x"), "1");
  EXPECT_EQ(request.parameter("y"), "two words");
  EXPECT_EQ(request.parameter("z"), "");
  EXPECT_EQ(request.parameter("none"), std::nullopt);
  EXPECT_EQ(request.header("x-oNE"), "1");
  EXPECT_EQ(request.cookie("session"), "abc");
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("b"), std::nullopt);
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.peer, "127.0.0.1");
  EXPECT_FALSE(request.is_tls);
}

TEST_F(HttpServerTest, ConnectionServesManyRequestsInOrder) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /1 HTTP/1.1\r\nHost: here\r\n\r\nGET /2 HTTP/1.1\r\nHost: here\r\n\r\nGET /3 HT");
  ASSERT_TRUE(peer.gets("GET /2"));
  peer.send("TP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(peer.gets("GET /3"));
  EXPECT_LT(peer.received().find("GET /1"), peer.received().find("GET /2"));
  EXPECT_FALSE(peer.is_closed());
  EXPECT_EQ(server_->counts().connections, 1U);
}

TEST_F(HttpServerTest, HeadGetsTheHeadersOfGetAndNoBody) {
  open();
  const std::string answer =
      exchange("HEAD /x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
  EXPECT_EQ(requests_[0].method, HttpMethod::get);
}

TEST_F(HttpServerTest, AnswerMayComeLater) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /later HTTP/1.1\r\nHost: here\r\n\r\nGET /next HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(turn_until(loop_, [&] { return kept_.size() == 1; }));
  EXPECT_TRUE(kept_[0].is_wanted());
  EXPECT_EQ(requests_.size(), 1U) << "the next request waits for the answer";
  kept_[0].send({.status = 201, .headers = {}, .body = "late"});
  EXPECT_FALSE(kept_[0].is_wanted());
  ASSERT_TRUE(peer.gets("GET /next"));
  EXPECT_THAT(peer.received(), StartsWith("HTTP/1.1 201 Created\r\n"));
}

TEST_F(HttpServerTest, RequestThatTheHandlerDropsIsAnswered500) {
  open();
  const std::string answer =
      exchange("GET /dropped HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, HasSubstr("application/problem+json"));
}

TEST_F(HttpServerTest, PeerThatGoesAwayIsNotWaitedFor) {
  open();
  {
    RawPeer peer(loop_, server_->endpoint());
    peer.send("GET /later HTTP/1.1\r\nHost: here\r\n\r\n");
    ASSERT_TRUE(turn_until(loop_, [&] { return kept_.size() == 1; }));
  }
  kept_[0].send({});
  EXPECT_TRUE(turn_until(loop_, [&] { return server_->counts().connections == 0; }));
}

TEST_F(HttpServerTest, ReplyMayOutliveTheServer) {
  open();
  RawPeer peer(loop_, server_->endpoint());
  peer.send("GET /later HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(turn_until(loop_, [&] { return kept_.size() == 1; }));
  server_ = nullptr;
  EXPECT_FALSE(kept_[0].is_wanted());
  kept_[0].send({});
  EXPECT_TRUE(peer.gets_closed());
}

TEST_F(HttpServerTest, HeaderThatWouldBreakOutOfItsLineIsNotSent) {
  open();
  const std::string answer =
      exchange("GET /broken HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie")));
}

}  // namespace
}  // namespace okiagari::net
