#include "web/acknowledge_page.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/incidents.h"
#include "desk/time_text.h"
#include "net/http_target.h"
#include "net/problem.h"
#include "web/answers.h"
#include "web/markup.h"

namespace okiagari::web {

namespace {

net::HttpResponse page(int status, std::string_view ja, std::string_view en,
                       std::string_view form = {}) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}};
  response.body = fmt::format(
      "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{0} – Okiagari</title><link rel=\"stylesheet\" href=\"/status.css\"></head>"
      "<body><main><h1>{0}</h1><p lang=\"en\">{1}</p>{2}</main></body></html>",
      escaped(ja), escaped(en), form);
  return response;
}

std::string form_for(const std::string& token) {
  return fmt::format(
      "<form method=\"post\" action=\"/ack\"><input type=\"hidden\" name=\"token\" value=\"{}\">"
      "<button type=\"submit\">対応します / <span lang=\"en\">I am on it</span></button></form>",
      escaped(token));
}

}  // namespace

void AcknowledgePage::handle(const net::HttpRequest& request, net::HttpReply reply) {
  const auto send = [&](net::HttpResponse response) {
    add_security_headers(response, request.is_tls);
    reply.send(std::move(response));
  };
  if (!read_) return send(net::problem(404, "there is nothing here"));
  const bool is_post = request.method == net::HttpMethod::post;
  if (!is_post && request.method != net::HttpMethod::get) {
    return send(net::problem(405, "this page is read, and its button pressed"));
  }
  // In mails the token is a part of the path.
  constexpr std::string_view kInPath = "/ack/";
  std::string token(request.parameter("token").value_or(""));
  if (request.path.starts_with(kInPath)) token = request.path.substr(kInPath.size());
  if (is_post) {
    const auto form = net::parse_parameters(request.body);
    if (!form) return send(net::problem(400, form.error().message));
    const auto found = form.value().find("token");
    token = found == form.value().end() ? std::string() : found->second;
  }
  const auto link = read_(token);
  if (!link) return send(page(403, "このリンクは使えません", link.error().message));
  if (is_post) {
    acknowledge(link.value(), token, request.is_tls, std::move(reply));
    return;
  }
  const auto* incidents = port_.desk().part<desk::Incidents>();
  const desk::Incident* incident =
      incidents == nullptr ? nullptr : incidents->find(link.value().incident);
  if (incident == nullptr) {
    return send(page(404, "この障害は見つかりません", "there is no such incident"));
  }
  const std::string began = fmt::format(
      "<p>重大度 {0} · 発生 {1} · <span lang=\"en\">severity {0}, since {2}</span></p>",
      incident->severity, desk::jst_text(incident->began_ns), desk::utc_text(incident->began_ns));
  send(page(200, fmt::format("{}: {}", incident->id, incident->title.ja), incident->title.en,
            began + form_for(token)));
}

void AcknowledgePage::acknowledge(const AckLink& link, const std::string& token, bool is_tls,
                                  net::HttpReply reply) {
  if (!port_.leads()) {
    const std::string leader = port_.leader_url();
    net::HttpResponse response = page(503, "少し待ってもう一度押してください",
                                      "no desk leads at this moment; try again", form_for(token));
    if (!leader.empty()) {
      response.status = 307;
      response.headers.emplace_back("Location", leader + "/ack");
    }
    add_security_headers(response, is_tls);
    reply.send(std::move(response));
    return;
  }
  desk::Entry entry;
  entry.type = "page.acknowledge";
  entry.by = "person:" + link.person;
  entry.request = "ack:" + base::to_hex(base::digest(base::as_bytes(token)));
  entry.body = {{"incident", link.incident}, {"person", link.person}};
  auto kept = std::make_shared<net::HttpReply>(std::move(reply));
  port_.submit(std::move(entry), [kept, token, is_tls](base::Status status, std::uint64_t index) {
    net::HttpResponse response;
    if (status.ok()) {
      response = page(200, "受け付けました。ほかの呼び出しは止まります",
                      "recorded; nobody else is called for this");
    } else if (index == 0) {
      response = page(503, "結果が分かりません。もう一度押してください", status.error().message,
                      form_for(token));
    } else {
      response = page(409, "受け付けられませんでした", status.error().message);
    }
    add_security_headers(response, is_tls);
    kept->send(std::move(response));
  });
}

}  // namespace okiagari::web
