// The desk's API: requests in, each allowed by the table of routes or refused; looks answered from
// the desk's state, acts put into its log and answered when they have been applied. Errors are
// problem documents (RFC 9457).
#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "desk/approvals.h"
#include "desk/desk_port.h"
#include "net/http_server.h"
#include "watch/hazard_relevance.h"
#include "web/event_streams.h"
#include "web/picture_history.h"
#include "web/routes.h"
#include "web/sessions.h"

namespace okiagari::web {

// What a proposal's payload says by itself; nothing of this is taken from whoever proposes it.
struct ReadProposal {
  std::string digest;  // hex: what approvers sign
  desk::Words words;   // what will be done
  boost::json::object preview;
  std::string signs = {};  // they sign this text instead, when it is not empty
};

struct ApiOptions {
  SessionKeys keys;
  // Keys that senders of alerts show; empty: no alerts are taken from outside.
  std::vector<std::string> alert_keys;
  std::function<base::Result<ReadProposal>(std::string_view kind, std::string_view payload)>
      read_proposal;
  // Makes the archive of one incident beside the loop; empty: this desk makes none.
  using OnBundle = std::function<void(base::Result<std::string>)>;
  std::function<void(const std::string& incident, OnBundle)> make_bundle;
  // The act of opening or stopping by the market's log, as its text.
  std::function<base::Result<std::string>(const boost::json::object& wanted)> draft_act;
  // Halts that gateways obey on their own, one gateway a row; and the text that lifts one.
  std::function<base::Result<boost::json::array>()> guards;
  std::function<base::Result<std::string>(const boost::json::object& wanted)> draft_lift;
  // That text with the approvals in it, as people carry it out.
  std::function<base::Result<std::string>(const desk::Proposal&)> approved_act;
  // What the last look at the survivors of a lost majority found; and a new one.
  std::function<boost::json::object()> rebuild_look;
  std::function<base::Status()> begin_rebuild_look;
  std::function<TimestampNs()> wall_ns = net::Loop::wall_ns;
  // What public messages are about; empty: none concerns anything here.
  std::vector<watch::SiteSettings> sites;
};

class Api {
 public:
  static constexpr std::size_t kTimelineMost = 1'000;
  static constexpr std::size_t kBodyBytesMax = 200u << 10;

  // `port` is borrowed.
  Api(desk::DeskPort& port, ApiOptions options);

  // Answers every path that begins with /api/, /webhooks/ or /v2/.
  void handle(const net::HttpRequest& request, net::HttpReply reply);
  // Sends what is new to those who listen; the answer is when it is wanted again.
  std::uint64_t tick(std::uint64_t now_ms) {
    return std::min(events_.tick(now_ms), history_.tick(now_ms));
  }

  // For the pages beside the API.
  [[nodiscard]] std::optional<Caller> caller(const net::HttpRequest& request);

 private:
  struct Call {
    const net::HttpRequest& request;
    const Route& route;
    std::map<std::string, std::string, std::less<>> path;
    std::optional<Caller> who;
    boost::json::object body;
  };
  using Checked = std::optional<net::HttpResponse>;  // an answer, when it may not go on

  [[nodiscard]] const desk::Accounts& accounts() const;
  [[nodiscard]] std::int64_t now_s() const;
  [[nodiscard]] Checked check_origin(const Call& call) const;
  [[nodiscard]] Checked check_power(const Call& call) const;
  [[nodiscard]] Checked check_leader(const Call& call) const;
  [[nodiscard]] Checked read_body(Call& call) const;
  void carry_out(Call& call, net::HttpReply reply);
  [[nodiscard]] net::HttpResponse look(const Call& call) const;
  [[nodiscard]] net::HttpResponse me(const Call& call) const;
  [[nodiscard]] net::HttpResponse log_in(const Call& call);
  [[nodiscard]] net::HttpResponse step_up(const Call& call);
  [[nodiscard]] net::HttpResponse entered(const Session& session, bool is_tls) const;
  void act(Call& call, net::HttpReply reply);
  void log_out(const Call& call, net::HttpReply reply);
  void make_token(const Call& call, net::HttpReply reply);
  void set_account(const Call& call, net::HttpReply reply);
  void send_bundle(const Call& call, net::HttpReply reply) const;
  void propose(const Call& call, net::HttpReply reply);
  [[nodiscard]] net::HttpResponse draft_act(const Call& call) const;
  [[nodiscard]] net::HttpResponse draft(std::string_view kind,
                                        const base::Result<std::string>& text) const;
  [[nodiscard]] net::HttpResponse draft_lift(const Call& call) const;
  [[nodiscard]] net::HttpResponse guards() const;
  [[nodiscard]] net::HttpResponse approved_act(std::string_view number) const;
  [[nodiscard]] net::HttpResponse rebuild_look() const;
  [[nodiscard]] net::HttpResponse begin_rebuild_look() const;
  void take_alerts(const Call& call, net::HttpReply reply);
  // `more` joins the answer when it was accepted.
  void submit(const Call& call, boost::json::object body, net::HttpReply reply,
              boost::json::object more = {}, net::HttpHeaders headers = {});

  desk::DeskPort& port_;
  ApiOptions options_;
  Sessions sessions_;
  EventStreams events_;
  PictureHistory history_;
  RateLimiter requests_{{300, 0.05}};  // of one person, or of one address of strangers
  desk::Accounts nobody_;
};

}  // namespace okiagari::web
