// What the API does for people's own sessions and accounts, and with proposals.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "desk/new_account.h"
#include "net/problem.h"
#include "web/answers.h"
#include "web/api.h"

namespace okiagari::web {

namespace {

constexpr TimestampNs kDayNs = 86'400'000'000'000;
constexpr std::int64_t kTokenDaysMax = 366;

}  // namespace

net::HttpResponse Api::me(const Call& call) const {
  const desk::Account* account = accounts().find(call.who->login);
  ASSERT(account != nullptr, "a caller without an account");
  boost::json::object answer = desk::to_json(*account);
  boost::json::array powers;
  for (std::size_t power = 0; power < kPowers; ++power) {
    if (may(call.who->roles, static_cast<Power>(power))) {
      powers.emplace_back(to_string(static_cast<Power>(power)));
    }
  }
  answer["powers"] = std::move(powers);
  answer["leads"] = port_.leads();
  answer["leader_url"] = port_.leader_url();
  const std::vector<std::string> others = port_.other_urls();
  answer["other_urls"] = boost::json::array(others.begin(), others.end());
  if (call.who->session) {
    answer["csrf_token"] = sessions_.csrf_token(*call.who->session);
    answer["stepped_up_until_s"] = call.who->session->stepped_up_s + Sessions::kStepUpS;
  }
  return json_answer(answer);
}

net::HttpResponse Api::entered(const Session& session, bool is_tls) const {
  net::HttpResponse response =
      json_answer({{"login", session.login},
                   {"csrf_token", sessions_.csrf_token(session)},
                   {"stepped_up_until_s", session.stepped_up_s + Sessions::kStepUpS}});
  response.headers.emplace_back("Set-Cookie", sessions_.set_cookie(session, is_tls, now_s()));
  return response;
}

// One answer for everything that can be wrong, so that nobody learns which logins there are.
net::HttpResponse Api::log_in(const Call& call) {
  const auto answer =
      sessions_.log_in(accounts(),
                       {desk::text_or(call.body, "login"), desk::text_or(call.body, "password"),
                        desk::text_or(call.body, "code"), call.request.peer},
                       now_s());
  if (answer.retry_after_s != 0) {
    return come_again(429, "too many attempts; wait a little", answer.retry_after_s);
  }
  if (!answer.session) return net::problem(401, "login, password or one-time code is wrong");
  return entered(*answer.session, call.request.is_tls);
}

net::HttpResponse Api::step_up(const Call& call) {
  if (!call.who->session) return net::problem(403, "a token has no session");
  const auto answer =
      sessions_.step_up(accounts(), *call.who->session, desk::text_or(call.body, "code"), now_s());
  if (answer.retry_after_s != 0) {
    return come_again(429, "too many attempts; wait a little", answer.retry_after_s);
  }
  if (!answer.session) return net::problem(401, "the one-time code is wrong or was used already");
  return entered(*answer.session, call.request.is_tls);
}

void Api::log_out(const Call& call, net::HttpReply reply) {
  if (!call.who->session) {
    reply.send(net::problem(403, "a token has no session; remove the token instead"));
    return;
  }
  submit(call, {{"session", Sessions::name_of(*call.who->session)}}, std::move(reply), {},
         {{"Set-Cookie", Sessions::clear_cookie(call.request.is_tls)}});
}

void Api::make_token(const Call& call, net::HttpReply reply) {
  const std::int64_t days = desk::number_or(call.body, "days", 30);
  if (days < 1 || days > kTokenDaysMax) {
    reply.send(net::problem(422, fmt::format("'days' is 1 to {}", kTokenDaysMax)));
    return;
  }
  const std::string token = web::make_token();
  const std::string hash = token_hash(token);
  // The name of a token says nothing about it.
  const std::string id = token_hash("name of " + hash).substr(0, 12);
  submit(call,
         {{"login", call.who->login},
          {"id", id},
          {"name", desk::text_or(call.body, "name", "command line")},
          {"hash", hash},
          {"expires_ns", options_.wall_ns() + static_cast<TimestampNs>(days) * kDayNs}},
         std::move(reply), {{"token", token}, {"id", id}});
}

// A new account gets a secret for one-time codes, shown once; another when that is asked for.
void Api::set_account(const Call& call, net::HttpReply reply) {
  boost::json::object body = call.body;
  const std::string login = desk::text_or(body, "login");
  boost::json::object more;
  const bool is_new_factor_wanted = desk::flag_or(body, "new_second_factor", false);
  body.erase("new_second_factor");
  if (is_new_factor_wanted || accounts().find(login) == nullptr) {
    const std::string secret = desk::make_totp_secret();
    body["totp"] = desk::seal_secret(secret, login, options_.keys.accounts);
    more["totp_address"] = desk::totp_address(login, secret);
  }
  if (body.contains("password")) {
    const std::string password = desk::text_or(body, "password");
    if (base::Status status = desk::check_password(password); !status) {
      reply.send(net::problem(422, status.error().message));
      return;
    }
    body["password"] = desk::hash_password(password);
  }
  submit(call, std::move(body), std::move(reply), std::move(more));
}

// Digest, words and preview come from the payload itself: nobody signs one thing and reads another.
void Api::propose(const Call& call, net::HttpReply reply) {
  if (!options_.read_proposal) {
    reply.send(net::problem(501, "this desk cannot read acts of the market"));
    return;
  }
  const auto read =
      options_.read_proposal(desk::text_or(call.body, "kind"), desk::text_or(call.body, "payload"));
  if (!read) {
    reply.send(net::problem(422, read.error().message));
    return;
  }
  boost::json::object body = call.body;
  body["digest"] = read.value().digest;
  if (!read.value().signs.empty()) body["signs"] = read.value().signs;
  body["words"] = desk::to_json(read.value().words);
  body["preview"] = read.value().preview;
  submit(call, std::move(body), std::move(reply), {{"digest", read.value().digest}});
}

}  // namespace okiagari::web
