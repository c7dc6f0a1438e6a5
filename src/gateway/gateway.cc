#include "gateway/gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/json_log.h"

namespace okiagari::gateway {

namespace {

constexpr std::uint64_t kTickMs = 10;
constexpr std::uint64_t kWitnessMs = 1'000;
// A gap that is told again this soon is the same one, from commands sent before the repair.
constexpr std::uint64_t kGapAgainMs = 50;
// A leader that serves decides in milliseconds. What it has not decided in this time it may have
// lost; sending it again does no harm.
constexpr std::uint64_t kStallMs = 1'000;
constexpr std::size_t kToldFilesKept = 8;

// The name of the stream of all sessions, another one for another cluster: a rebuilt cluster's
// numbers must not be taken for the old one's.
wire::Alpha<10> soup_session_of(std::uint64_t cluster) {
  return wire::alpha<10>(fmt::format("{:010X}", cluster & 0xFF'FFFF'FFFF));
}

template <typename Event>
const Event& as(const venue::EventHeader& header) {
  return reinterpret_cast<const Event&>(header);
}

template <typename Command>
Command command_for(const Session& session, GatewayId gateway) {
  Command command{};
  command.header.size_bytes = sizeof(Command);
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  command.header.session = session.credential.session;
  command.header.gateway = gateway;
  return command;
}

}  // namespace

base::Result<std::unique_ptr<Gateway>> Gateway::open(net::Loop& loop, GatewayOptions options) {
  auto credentials = Credentials::load(options.credentials_path);
  if (!credentials.ok()) return credentials.error();
  std::random_device entropy;
  const std::uint64_t incarnation = std::uint64_t{entropy()} << 32 | entropy();
  auto witness = load_witness(options.data_dir);
  if (!witness.ok()) return witness.error();
  base::Status entered = enter_cluster(options.data_dir, witness.value(), options.cluster);
  if (!entered.ok()) return entered.error();
  auto receipts = ReceiptLog::open(
      options.data_dir,
      {.gateway = options.id, .cluster = options.cluster, .incarnation = incarnation},
      options.receipt_file_bytes_max);
  if (!receipts.ok()) return receipts.error();
  drop_old_told_events(options.data_dir, kToldFilesKept);
  wire::OperatorKeys operators;
  if (!options.operators_path.empty()) {
    auto loaded = wire::OperatorKeys::load(options.operators_path);
    if (!loaded.ok()) return loaded.error();
    operators = std::move(loaded.value());
  }
  auto halt_folder = HaltFolder::open(options.data_dir + "/halt");
  if (!halt_folder.ok()) return halt_folder.error();
  const net::Endpoint listen = options.listen;
  std::unique_ptr<Gateway> gateway(
      new Gateway(loop, std::move(options), credentials.value(), std::move(receipts.value()),
                  std::move(halt_folder.value()), std::move(operators), incarnation));
  // What lies in the folder is obeyed before the first member is heard.
  gateway->poll_halts(net::Loop::now_ms());
  gateway->restore(witness.value());
  auto listener = net::Listener::open(
      loop, listen, [raw = gateway.get()](auto connection) { raw->accept(std::move(connection)); });
  if (!listener.ok()) return listener.error();
  gateway->listener_ = std::move(listener.value());
  return gateway;
}

Gateway::Gateway(net::Loop& loop, GatewayOptions options, const Credentials& credentials,
                 std::unique_ptr<ReceiptLog> receipts, HaltFolder halt_folder,
                 wire::OperatorKeys operators, std::uint64_t incarnation)
    : options_(std::move(options)),
      credentials_(credentials),
      soup_session_(soup_session_of(options_.cluster)),
      nonces_(incarnation),
      undecided_(options_.undecided_bytes_max),
      receipts_(std::move(receipts)),
      told_(
          options_.data_dir,
          {.gateway = options_.id, .cluster = options_.cluster, .started_ns = net::Loop::wall_ns()},
          options_.told_bytes_max),
      cluster_(loop, *this,
               {.gateway = options_.id, .cluster = options_.cluster, .incarnation = incarnation},
               options_.nodes),
      delivery_(cluster_, symbols_, options_.member_queue_bytes_max),
      halts_(options_.data_dir, options_.cluster, std::move(operators)),
      halt_folder_(std::move(halt_folder)),
      intake_(options_, symbols_, undecided_, arrivals_, *receipts_, measures_, halts_, orders_) {
  for (const auto& [name, credential] : credentials_.by_name()) {
    if (credential.session >= sessions_.size()) sessions_.resize(credential.session + 1u);
    sessions_[credential.session] = std::make_unique<Session>();
    sessions_[credential.session]->credential = credential;
  }
}

Gateway::~Gateway() {
  listener_ = nullptr;
  for (const auto& line : lines_) line->end("the gateway stops; log in at another one");
  save_witness_file();
  save_told_events();
}

// Sessions of this gateway's last life are absent until they come again. The epochs of a cluster
// hold in the one that was rebuilt from it; numbers that its survivor lacked are given again there.
void Gateway::restore(const Witness& witness) {
  const bool is_same_cluster = witness.cluster == options_.cluster;
  const std::uint64_t now_ms = net::Loop::now_ms();
  for (const WitnessedSession& known : witness.sessions) {
    Session* session = find(known.session);
    if (session == nullptr) continue;
    if (is_same_cluster) session->next_number = known.next_number;
    session->epoch = known.epoch;
    if (known.epoch != 0) session->absent_since_ms = now_ms;
  }
}

void Gateway::accept(std::shared_ptr<net::Connection> connection) {
  if (lines_.size() >= options_.connections_max) {
    ++measures_.connections_refused;
    connection->close();
    return;
  }
  ++measures_.connections_accepted;
  MemberLine::Owner& owner = *this;
  lines_.push_back(std::make_unique<MemberLine>(owner, std::move(connection), net::Loop::now_ms(),
                                                options_.member_queue_bytes_max));
  lines_.back()->start();
}

void Gateway::record_login(const wire::SoupLoginRequest& request, SessionId session) {
  wire::SoupLoginRequest blanked = request;
  blanked.password = wire::alpha<10>("");
  receipts_->add(wire::ReceiptKind::login, session, net::Loop::wall_ns(),
                 base::object_bytes(blanked));
}

void Gateway::on_login(MemberLine& line, const wire::SoupLoginRequest& request) {
  const Credential* credential =
      credentials_.verify(wire::trimmed(request.username), wire::trimmed(request.password));
  record_login(request, credential == nullptr ? SessionId{0} : credential->session);
  if (credential == nullptr) return reject_login(line, wire::kSoupNotAuthorized);
  const auto requested = wire::parse_soup_number(request.sequence_number);
  const bool is_this_stream =
      wire::trimmed(request.session).empty() || request.session == soup_session_;
  if (!requested || !is_this_stream) return reject_login(line, wire::kSoupSessionNotAvailable);
  Session& session = *find(credential->session);
  if (session.line != nullptr) session.line->end("logged in again on another connection");
  session.line = &line;
  line.session = &session;
  begin_login(session, *requested);
}

void Gateway::reject_login(MemberLine& line, char reason) {
  if (reason == wire::kSoupNotAuthorized) {
    ++measures_.logins_not_authorized;
  } else {
    ++measures_.logins_not_available;
  }
  line.reject_login(reason);
}

void Gateway::begin_login(Session& session, std::uint64_t requested_number) {
  auto login = command_for<venue::Login>(session, options_.id);
  do login.nonce = nonces_();
  while (login.nonce == 0);
  login.cancel_on_disconnect = session.credential.cancel_on_disconnect ? 1 : 0;
  if (!push(login)) return reject_login(*session.line, wire::kSoupSessionNotAvailable);
  session.nonce = login.nonce;
  session.requested_number = requested_number;
  session.login_deadline_ms = net::Loop::now_ms() + options_.login_wait_ms;
  session.absent_since_ms = 0;
}

bool Gateway::push(const auto& command) {
  std::byte* const place = undecided_.place(sizeof command);
  if (place == nullptr) return false;
  std::memcpy(place, &command, sizeof command);
  undecided_.add(sizeof command);
  arrivals_.add(net::Loop::now_ns());
  return true;
}

bool Gateway::on_message(MemberLine& line, base::Bytes message) {
  if (!std::exchange(has_moment_, true)) {
    moment_.wall_ns = net::Loop::wall_ns();
    moment_.now_ns = net::Loop::now_ns();
    moment_.now_ms = moment_.now_ns / 1'000'000;
    moment_.cluster_away = cluster_.away_ms(moment_.now_ms) >= options_.away_after_ms;
    moment_.format_level = cluster_.format_level();
  }
  const bool taken = intake_.take(*line.session, message, moment_);
  if (!taken) has_paused_lines_ = true;
  return taken;
}

void Gateway::on_logout(MemberLine& line) {
  Session* session = line.session;
  if (session == nullptr || session->epoch == 0 || session->nonce != 0) return;
  push_logout(*session, venue::LogoutReason::by_member);
}

void Gateway::push_logout(Session& session, venue::LogoutReason reason) {
  auto logout = command_for<venue::Logout>(session, options_.id);
  logout.header.epoch = session.epoch;
  logout.reason = reason;
  // Without room it is tried again when the session has been absent long enough.
  if (!push(logout)) return;
  session.absent_since_ms = 0;
  session.is_logging_out = true;
}

void Gateway::on_gone(MemberLine& line, const std::string& reason) {
  has_closed_lines_ = true;
  Session* session = std::exchange(line.session, nullptr);
  const SessionId id = session == nullptr ? SessionId{0} : session->credential.session;
  receipts_->add(wire::ReceiptKind::disconnected, id, net::Loop::wall_ns(),
                 base::as_bytes(std::string_view(reason).substr(0, 200)));
  if (session == nullptr) return;
  base::log_info("session_gone", {{"session", session->credential.name}, {"reason", reason}},
                 "session {} disconnected: {}", session->credential.name, reason);
  session->line = nullptr;
  session->login_deadline_ms = 0;
  session->queries.clear();
  delivery_.stop(*session);
  // While a log-in is under way it is known only at its answer whether there is an epoch to be
  // absent in.
  if (session->epoch != 0 && session->nonce == 0 && !session->is_logging_out) {
    session->absent_since_ms = net::Loop::now_ms();
  }
}

void Gateway::on_event(const venue::EventHeader& event) {
  if (event.type == venue::EventType::reference_instrument) {
    const auto& told = as<venue::ReferenceInstrument>(event);
    return symbols_.add(told.instrument, told.symbol);
  }
  if (event.type == venue::EventType::reference_session) {
    const auto& told = as<venue::ReferenceSession>(event);
    if (Session* session = find(told.added_session)) {
      session->firm = told.firm;
      session->member = told.member;
    }
    return;
  }
  if (event.type == venue::EventType::reference_segment) {
    const auto& told = as<venue::ReferenceSegment>(event);
    return symbols_.set_segment(told.instrument, told.segment);
  }
  Session* session = find(event.session);
  if (session == nullptr) return;
  switch (event.type) {
    case venue::EventType::login_accepted:
      return login_accepted(*session, as<venue::LoginAccepted>(event));
    case venue::EventType::login_refused:
      return login_refused(*session, as<venue::LoginRefused>(event));
    case venue::EventType::session_fenced:
      return session_fenced(*session, as<venue::SessionFenced>(event).epoch);
    case venue::EventType::stream_mark: {
      if (as<venue::StreamMark>(event).epoch != session->epoch) return;
      session->decided_stream_number = event.stream_number;
      if (!session->queries.empty()) answer_queries(*session, net::Loop::wall_ns());
      return;
    }
    case venue::EventType::stream_gap:
      return stream_gap(*session, as<venue::StreamGap>(event));
    case venue::EventType::control_result:
      return logout_answered(*session, as<venue::ControlResult>(event));
    default:
      if (event.session_number == 0) return;
      told_.add(event);
      note_order(event);
      delivery_.deliver(*session, event);
  }
}

// Orders that came through another gateway, too.
void Gateway::note_order(const venue::EventHeader& event) {
  // An iceberg is told of as an order that shows all, with something behind, and a trailing stop as
  // one that stays.
  if (event.type == venue::EventType::order_accepted ||
      event.type == venue::EventType::iceberg_accepted) {
    const auto& order = as<venue::OrderAccepted>(event);
    orders_.note(event.session, order.user_reference, order.instrument);
  } else if (event.type == venue::EventType::order_replaced ||
             event.type == venue::EventType::iceberg_replaced) {
    const auto& order = as<venue::OrderReplaced>(event);
    orders_.note(event.session, order.user_reference, order.instrument);
  } else if (event.type == venue::EventType::stop_accepted ||
             event.type == venue::EventType::trailing_stop_accepted) {
    const auto& order = as<venue::StopAccepted>(event);
    orders_.note(event.session, order.user_reference, order.instrument);
  } else if (event.type == venue::EventType::stop_replaced ||
             event.type == venue::EventType::trailing_stop_replaced) {
    const auto& order = as<venue::StopReplaced>(event);
    orders_.note(event.session, order.user_reference, order.instrument);
  }
}

void Gateway::login_accepted(Session& session, const venue::LoginAccepted& event) {
  if (event.nonce != session.nonce) return;
  session.nonce = 0;
  session.epoch = event.epoch;
  session.last_stream_number = 0;
  session.last_order_reference = 0;
  session.decided_stream_number = 0;
  session.gap_expected = 0;
  session.is_logging_out = false;
  session.queries.clear();
  session.next_user_reference = event.next_user_reference;
  if (session.line == nullptr) {
    session.absent_since_ms = net::Loop::now_ms();
    return;
  }
  session.login_deadline_ms = 0;
  const std::uint32_t live = event.next_session_number;
  if (session.requested_number > live) {
    return reject_login(*session.line, wire::kSoupSessionNotAvailable);
  }
  const std::uint32_t next =
      session.requested_number == 0 ? live : static_cast<std::uint32_t>(session.requested_number);
  base::log_info("session_logged_in",
                 {{"session", session.credential.name}, {"epoch", session.epoch}, {"next", next}},
                 "session {} logged in from {}, epoch {}, next message {} of {}",
                 session.credential.name, session.line->peer(), session.epoch, next, live);
  ++measures_.logins_accepted;
  session.line->accept_login(soup_session_, next);
  tell_of_halts(session);
  delivery_.begin(session, next, live);
  delivery_.tick(session, net::Loop::now_ms());
}

void Gateway::login_refused(Session& session, const venue::LoginRefused& event) {
  if (event.nonce != session.nonce) return;
  session.nonce = 0;
  if (session.line != nullptr) reject_login(*session.line, wire::kSoupSessionNotAvailable);
}

void Gateway::session_fenced(Session& session, std::uint32_t epoch) {
  // A fence older than our epoch answers something sent before it.
  if (epoch < session.epoch) return;
  const bool was_logging_in = session.nonce != 0;
  // A log-in that was overtaken before its answer reached us; the member must ask again. One that
  // is still to be answered raises the epoch again and is left alone.
  if (was_logging_in && epoch <= session.epoch) return end_epoch(session);
  session.nonce = 0;
  end_epoch(session);
  if (session.line != nullptr) session.line->end("logged in at another gateway");
}

void Gateway::stream_gap(Session& session, const venue::StreamGap& event) {
  if (event.epoch != session.epoch) return;
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (event.expected == session.gap_expected && now_ms - session.gap_answered_ms < kGapAgainMs) {
    return;
  }
  session.gap_expected = event.expected;
  session.gap_answered_ms = now_ms;
  if (undecided_.send_again_from(event.header.session, event.epoch, event.expected)) return;
  base::log_error(
      "stream_lost",
      {{"session", session.credential.name}, {"expected", std::uint32_t{event.expected}}},
      "the venue expects {} of session {}, which is not known here", std::uint32_t{event.expected},
      session.credential.name);
  if (session.line != nullptr) session.line->end("order stream lost; log in again");
}

void Gateway::logout_answered(Session& session, const venue::ControlResult& event) {
  if (event.command != venue::CommandType::logout || event.number != session.epoch) return;
  end_epoch(session);
}

void Gateway::end_epoch(Session& session) {
  session.epoch = 0;
  session.absent_since_ms = 0;
  session.is_logging_out = false;
  session.queries.clear();
}

bool Gateway::is_decided(const venue::CommandHeader& command) const {
  const Session* session = find(command.session);
  if (session == nullptr) return true;
  if (command.type == venue::CommandType::login) {
    return reinterpret_cast<const venue::Login&>(command).nonce != session->nonce;
  }
  if (command.epoch != session->epoch) return true;
  if (command.type == venue::CommandType::logout) return false;
  return command.stream_number <= session->decided_stream_number;
}

void Gateway::on_events_done() {
  if (undecided_.empty() || !is_decided(undecided_.oldest())) return;
  const std::uint64_t now_ns = net::Loop::now_ns();
  do {
    undecided_.remove_oldest();
    measures_.decision.observe(now_ns - arrivals_.remove_oldest());
  } while (!undecided_.empty() && is_decided(undecided_.oldest()));
  oldest_since_ms_ = now_ns / 1'000'000;
}

void Gateway::send_again_what_stalls(std::uint64_t now_ms) {
  if (undecided_.empty() || !cluster_.is_serving()) oldest_since_ms_ = now_ms;
  if (now_ms - oldest_since_ms_ < kStallMs) return;
  base::log_warning(
      "sent_again",
      {{"undecided_bytes", undecided_.bytes()}, {"age_ms", now_ms - oldest_since_ms_}},
      "nothing was decided for {} ms; {} bytes of commands go again", now_ms - oldest_since_ms_,
      undecided_.bytes());
  undecided_.send_all_again();
  oldest_since_ms_ = now_ms;
}

void Gateway::on_history(const wire::HistoryPrefix& prefix, base::Bytes events) {
  Session* session = find(prefix.session);
  if (session == nullptr) return;
  wire::EventReader reader(events);
  while (const venue::EventHeader* event = reader.next()) note_order(*event);
  delivery_.on_history(*session, prefix, events);
}

void Gateway::on_history_end(const wire::HistoryEnd& end) {
  Session* session = find(end.session);
  if (session == nullptr) return;
  delivery_.on_history_end(*session, end);
  delivery_.tick(*session, net::Loop::now_ms());
  if (!session->queries.empty()) answer_queries(*session, net::Loop::wall_ns());
}

// What was answered meanwhile cannot be known here; the members find out at their next log-in.
void Gateway::on_lost_track() {
  for (const auto& session : sessions_) {
    if (session == nullptr) continue;
    if (session->line != nullptr) session->line->end("order stream lost; log in again");
  }
  undecided_.clear();
  arrivals_.clear();
  for (const auto& session : sessions_) {
    if (session == nullptr) continue;
    session->nonce = 0;
    session->is_logging_out = false;
    if (session->epoch != 0) session->absent_since_ms = net::Loop::now_ms();
  }
}

void Gateway::end_turn() {
  const std::uint64_t now_ms = net::Loop::now_ms();
  has_moment_ = false;
  if (now_ms >= next_tick_ms_) tick(now_ms);
  submit();
  cluster_.flush();
  // Lines may become dirty while others are flushed; what is left is for the next turn.
  std::vector<MemberLine*> dirty = std::move(dirty_);
  dirty_.clear();
  for (MemberLine* line : dirty) line->flush();
  if (dirty_.empty()) {
    dirty.clear();
    dirty_ = std::move(dirty);
  }
  flush_receipts();
  if (has_paused_lines_) resume_members();
  if (std::exchange(has_closed_lines_, false)) {
    std::erase_if(dirty_, [](const MemberLine* line) { return !line->is_open(); });
    std::erase_if(lines_, [](const auto& line) { return !line->is_open(); });
  }
}

std::uint64_t Gateway::next_deadline_ms() const {
  return std::min(next_tick_ms_, cluster_.next_deadline_ms());
}

void Gateway::submit() {
  while (true) {
    const std::size_t room = cluster_.submit_room();
    if (room == 0) return;
    const base::Bytes commands = undecided_.unsent(room);
    if (commands.empty()) return;
    cluster_.submit(commands);
    undecided_.mark_sent(commands.size());
  }
}

// Some room first, so that lines do not stop and go with every command.
void Gateway::resume_members() {
  if (undecided_.bytes() > undecided_.bytes_max() / 4 * 3) return;
  has_paused_lines_ = false;
  for (const auto& line : lines_) {
    if (line->is_paused()) line->resume();
  }
}

void Gateway::tick(std::uint64_t now_ms) {
  next_tick_ms_ = now_ms + kTickMs;
  poll_halts(now_ms);
  cluster_.tick(now_ms);
  send_again_what_stalls(now_ms);
  for (const auto& line : lines_) line->tick(now_ms);
  for (const auto& session : sessions_) {
    if (session != nullptr) tick_session(*session, now_ms);
  }
  if (cluster_.is_serving()) {
    told_is_saved_ = false;
  } else if (!told_is_saved_ && cluster_.away_ms(now_ms) >= options_.away_after_ms) {
    save_told_events();
  }
  if (now_ms >= next_witness_ms_) {
    next_witness_ms_ = now_ms + kWitnessMs;
    save_witness_file();
  }
}

void Gateway::tick_session(Session& session, std::uint64_t now_ms) {
  delivery_.tick(session, now_ms);
  if (session.login_deadline_ms != 0 && now_ms >= session.login_deadline_ms) {
    reject_login(*session.line, wire::kSoupSessionNotAvailable);
  }
  if (session.absent_since_ms != 0 && now_ms - session.absent_since_ms >= options_.grace_ms) {
    base::log_info("session_absent", {{"session", session.credential.name}},
                   "session {} has been absent for {} ms", session.credential.name,
                   options_.grace_ms);
    push_logout(session, venue::LogoutReason::absent);
  }
}

void Gateway::flush_receipts() {
  const base::Status flushed = receipts_->flush();
  if (flushed.ok()) {
    receipts_failed_ = false;
  } else if (!std::exchange(receipts_failed_, true)) {
    base::log_error("receipts_failed", {}, "{}", flushed.error().message);
  }
}

void Gateway::save_told_events() {
  const base::Status saved = told_.save();
  if (!saved.ok()) base::log_error("told_not_saved", {}, "{}", saved.error().message);
  told_is_saved_ = true;
}

void Gateway::save_witness_file() {
  const ClusterLink::Highest& highest = cluster_.highest();
  Witness witness{.cluster = options_.cluster,
                  .term = highest.term,
                  .sequence = highest.sequence,
                  .event = highest.event,
                  .feed = highest.feed,
                  .sessions = {}};
  for (const auto& session : sessions_) {
    if (session == nullptr || (session->epoch == 0 && session->next_number == 1)) continue;
    witness.sessions.push_back({.session = session->credential.session,
                                .epoch = session->epoch,
                                .next_number = session->next_number});
  }
  const base::Status saved = save_witness(options_.data_dir, witness);
  if (!saved.ok()) base::log_error("witness_failed", {}, "{}", saved.error().message);
}

}  // namespace okiagari::gateway
