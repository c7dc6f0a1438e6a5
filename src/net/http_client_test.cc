#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "net/http_server.h"
#include "net/raw_peer.h"
#include "net/test_certificate.h"

namespace okiagari::net {
namespace {

using testing::HasSubstr;

class HttpClientTest : public testing::Test {
 protected:
  void open(const TlsFiles& tls = {}) {
    HttpServerOptions options;
    options.tls = tls;
    auto opened = HttpServer::open(
        loop_, std::move(options), [this](const HttpRequest& request, HttpReply reply) {
          last_ = request;
          if (request.path == "/never") {
            kept_ = std::make_unique<HttpReply>(std::move(reply));
          } else if (request.path == "/big") {
            reply.send({.status = 200, .headers = {}, .body = std::string(1u << 20, 'x')});
          } else {
            reply.send({.status = request.path == "/none" ? 404 : 200,
                        .headers = {{"X-Mark", "7"}},
                        .body = request.body + "!"});
          }
        });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    server_ = std::move(opened.value());
  }

  base::Result<HttpResponse> fetch(HttpCall call) {
    if (call.to.port == 0) call.to = server_->endpoint();
    std::optional<base::Result<HttpResponse>> got;
    client_.fetch(std::move(call), [&](base::Result<HttpResponse> result) { got = result; });
    EXPECT_FALSE(got.has_value()) << "called from inside of fetch()";
    if (!turn_until(loop_, [&] { return got.has_value(); })) return base::Error{"no callback"};
    EXPECT_EQ(client_.calls(), 0U);
    return *got;
  }

  Loop loop_;
  HttpClient client_{loop_};
  std::unique_ptr<HttpServer> server_;
  HttpRequest last_;
  std::unique_ptr<HttpReply> kept_;
};

TEST_F(HttpClientTest, PostArrivesWithBodyAndHeadersAndTheAnswerComesBack) {
  open();
  HttpCall call;
  call.method = HttpMethod::post;
  call.target = "/a?b=c";
  call.headers = {{"X-One", "1"}};
  call.body = "hello";
  const auto answer = fetch(call);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().body, "hello!");
  EXPECT_EQ(answer.value().header("x-mark"), "7");
  EXPECT_EQ(last_.header("x-one"), "1");
  EXPECT_EQ(last_.parameter("b"), "c");
}

TEST_F(HttpClientTest, AnswerOfAnyStatusIsAValue) {
  open();
  HttpCall call;
  call.target = "/none";
  const auto answer = fetch(call);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().status, 404);
}

TEST_F(HttpClientTest, HeadHasNoBody) {
  open();
  HttpCall call;
  call.method = HttpMethod::head;
  const auto answer = fetch(call);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer.value().header("content-length"), "1");
  EXPECT_EQ(answer.value().body, "");
}

TEST_F(HttpClientTest, SilentServerIsGivenUp) {
  open();
  HttpCall call;
  call.target = "/never";
  call.timeout_ms = 30;
  const auto answer = fetch(call);
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr("no whole answer in 30 ms"));
}

TEST_F(HttpClientTest, AnswerThatIsTooLargeIsAnError) {
  open();
  HttpCall call;
  call.target = "/big";
  call.body_bytes_max = 1'000;
  EXPECT_FALSE(fetch(call).ok());
  call.body_bytes_max = 1u << 20;
  EXPECT_TRUE(fetch(call).ok());
}

TEST_F(HttpClientTest, NobodyThereIsAnErrorThatNamesTheAddress) {
  open();
  HttpCall call;
  call.to = server_->endpoint();
  server_ = nullptr;
  const auto answer = fetch(call);
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr(to_string(call.to)));
}

TEST_F(HttpClientTest, LineEndInATargetIsRefused) {
  open();
  HttpCall call;
  call.target = "/a HTTP/1.1\r\nX: y\r\n";
  EXPECT_FALSE(fetch(call).ok());
}

TEST_F(HttpClientTest, CallUnderWayEndsSilentlyWithItsClient) {
  open();
  bool is_called = false;
  {
    HttpClient client(loop_);
    HttpCall call;
    call.to = server_->endpoint();
    call.target = "/never";
    client.fetch(call, [&](auto) { is_called = true; });
    ASSERT_TRUE(turn_until(loop_, [&] { return kept_ != nullptr; }));
  }
  kept_->send({});
  ASSERT_TRUE(turn_until(loop_, [&] { return server_->counts().connections == 0; }));
  EXPECT_FALSE(is_called);
}

TEST_F(HttpClientTest, TlsServerIsTrustedByItsAuthorityOnly) {
  const TestCertificate certificate("trust");
  const TestCertificate other("other");
  open({.certificate_path = certificate.certificate_path(), .key_path = certificate.key_path()});
  HttpCall call;
  call.is_tls = true;
  ASSERT_TRUE(client_.trust(certificate.certificate_path()).ok());
  const auto good = fetch(call);
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_TRUE(last_.is_tls);
  call.host = "localhost";
  EXPECT_TRUE(fetch(call).ok());
  call.host = "elsewhere.example";
  EXPECT_FALSE(fetch(call).ok()) << "another name than the certificate's";
  ASSERT_TRUE(client_.trust(other.certificate_path()).ok());
  call.host = "";
  EXPECT_FALSE(fetch(call).ok()) << "an authority that did not sign it";
}

TEST_F(HttpClientTest, CertificateIsReadAgainOnDemandAndAWrongOneLeavesTheOldInUse) {
  TestCertificate certificate("reload");
  open({.certificate_path = certificate.certificate_path(), .key_path = certificate.key_path()});
  HttpCall call;
  call.is_tls = true;
  certificate.make(2);
  ASSERT_TRUE(client_.trust(certificate.certificate_path()).ok());
  EXPECT_FALSE(fetch(call).ok()) << "the server still has the old one";
  ASSERT_TRUE(server_->reload_certificate().ok());
  EXPECT_TRUE(fetch(call).ok());
  std::ofstream(certificate.key_path()) << "nothing";
  const base::Status status = server_->reload_certificate();
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr(certificate.key_path()));
  EXPECT_TRUE(fetch(call).ok());
}

TEST_F(HttpClientTest, PlainRequestToATlsServerIsNotAnswered) {
  const TestCertificate certificate("plain");
  open({.certificate_path = certificate.certificate_path(), .key_path = certificate.key_path()});
  HttpCall call;
  EXPECT_FALSE(fetch(call).ok());
  call.is_tls = true;
  ASSERT_TRUE(client_.trust(certificate.certificate_path()).ok());
  EXPECT_TRUE(fetch(call).ok());
}

}  // namespace
}  // namespace okiagari::net
