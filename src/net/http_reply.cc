#include <utility>

#include "base/assert.h"
#include "net/http_server.h"
#include "net/http_session.h"
#include "net/http_wire.h"
#include "net/problem.h"

namespace okiagari::net {

namespace {

void answer_unanswered(const std::shared_ptr<HttpReply::Exchange>& exchange) {
  if (exchange == nullptr || exchange->is_answered) return;
  exchange->is_answered = true;
  if (const auto session = exchange->waiting()) {
    session->answer(problem(500, "the server made no answer"));
  }
}

}  // namespace

HttpReply::HttpReply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
HttpReply::HttpReply(HttpReply&&) noexcept = default;

HttpReply& HttpReply::operator=(HttpReply&& other) noexcept {
  if (this == &other) return *this;
  answer_unanswered(exchange_);
  exchange_ = std::move(other.exchange_);
  return *this;
}

HttpReply::~HttpReply() { answer_unanswered(exchange_); }

bool HttpReply::is_wanted() const {
  return exchange_ != nullptr && !exchange_->is_answered && exchange_->waiting() != nullptr;
}

void HttpReply::send(HttpResponse response) {
  ASSERT(exchange_ != nullptr && !exchange_->is_answered, "a request is answered once");
  exchange_->is_answered = true;
  if (const auto session = exchange_->waiting()) session->answer(std::move(response));
}

HttpStream HttpReply::stream(HttpHeaders headers) {
  ASSERT(exchange_ != nullptr && !exchange_->is_answered, "a request is answered once");
  exchange_->is_answered = true;
  const auto session = exchange_->waiting();
  if (session == nullptr) return {};
  return HttpStream(session->open_stream(std::move(headers)));
}

bool HttpStream::is_open() const { return writer_ != nullptr && writer_->is_open; }

bool HttpStream::send(std::string_view event, std::string_view id, std::string_view data) {
  if (!is_open()) return false;
  const auto session = writer_->session.lock();
  return session != nullptr && session->send_on_stream(format_event(event, id, data));
}

std::size_t HttpStream::queued_bytes() const {
  const auto session = is_open() ? writer_->session.lock() : nullptr;
  return session == nullptr ? 0 : session->queued_bytes();
}

void HttpStream::close() {
  if (!is_open()) return;
  if (const auto session = writer_->session.lock()) session->finish_stream();
}

void HttpStream::on_close(std::function<void()> handler) {
  if (is_open()) writer_->on_close = std::move(handler);
}

}  // namespace okiagari::net
