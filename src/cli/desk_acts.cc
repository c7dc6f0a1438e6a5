#include "cli/desk_acts.h"

#include <algorithm>
#include <array>

namespace okiagari::cli {

namespace {

using enum net::HttpMethod;
using F = FieldForm;

constexpr auto kTitleSeverity = std::to_array<ActField>({
    {"title", F::words, "What it is", true, true},
    {"severity", F::number, "1 is the worst, 4 is to be looked at", false, false},
});
constexpr auto kText = std::to_array<ActField>({{"text", F::text, "The note", true, true}});
constexpr auto kOther = std::to_array<ActField>({{"other", F::text, "inc-2", true, true}});
constexpr auto kInto = std::to_array<ActField>({{"into", F::text, "inc-2", true, true}});
constexpr auto kSplit = std::to_array<ActField>({
    {"evidence", F::list, "Ids of the evidence that goes", true, false},
    {"title", F::words, "What the new one is", true, false},
});
constexpr auto kRole = std::to_array<ActField>({
    {"role", F::text, "commander, communications, market, technology, ...", true, true},
    {"person", F::text, "Who has it from now on", true, true},
});
constexpr auto kSeverity = std::to_array<ActField>({
    {"severity", F::number, "1 to 4; 1 is the worst", true, true},
    {"reason", F::text, "Why", true, false},
});
constexpr auto kStatus = std::to_array<ActField>({
    {"status", F::text, "open, monitoring or resolved", true, true},
});
constexpr auto kCause = std::to_array<ActField>({
    {"cause", F::words, "What the cause is", true, false},
    {"evidence", F::list, "Ids of the evidence that shows it", true, false},
});
constexpr auto kReason = std::to_array<ActField>({{"reason", F::text, "Why", true, false}});
constexpr auto kExtend = std::to_array<ActField>({
    {"seconds", F::number, "How much longer the step may take", true, false},
    {"reason", F::text, "Why", true, false},
});
constexpr auto kPreview = std::to_array<ActField>({
    {"scope", F::text, "market, segment, instrument or member", false, false},
    {"target", F::text, "Which segment, instrument or member", false, false},
    {"state", F::text, "cancel_only or halted", false, false},
});
constexpr auto kLift = std::to_array<ActField>({
    {"lifts", F::number, "The halt's number; `okiagari approval guards`", true, true},
    {"proof", F::text, "What `okiagari verify --proof` printed, 64 digits", true, false},
    {"reason", F::text, "Why", true, false},
});
constexpr auto kHalt = std::to_array<ActField>({
    {"incident", F::text, "inc-1", false, false},
    {"scope", F::text, "market, segment, instrument or member", false, false},
    {"target", F::text, "Which segment, instrument or member", false, false},
    {"state", F::text, "cancel_only or halted", false, false},
    {"reason", F::text, "Why", true, false},
});
constexpr auto kPropose = std::to_array<ActField>({
    {"kind", F::text, "market_act, guard_lift or rebuild", true, true},
    {"payload", F::text, "The act; @FILE as `okiagari halt --propose FILE` writes it", true, true},
    {"incident", F::text, "inc-1", false, false},
    {"valid_s", F::number, "How long it may be signed, in seconds", false, false},
});
constexpr auto kSign = std::to_array<ActField>({
    {"operator", F::number, "Whose key", true, false},
    {"signature", F::text, "By that key, over the digest", true, false},
});
constexpr auto kOutcome = std::to_array<ActField>({
    {"outcome", F::text, "What became of it", false, false},
});
constexpr auto kCall = std::to_array<ActField>({
    {"severity", F::number, "1 is the worst; without it, the incident's", false, false},
    {"title", F::text, "What they read first", false, false},
    {"policy", F::text, "Instead of the one for the severity", false, false},
    {"words", F::text, "What they are told", false, false},
});
constexpr auto kComment = std::to_array<ActField>({
    {"comment", F::text, "For the timeline", false, false},
});
constexpr auto kStep = std::to_array<ActField>({
    {"step", F::number, "Which step is next; without it, the one behind", false, false},
});
constexpr auto kHandOver = std::to_array<ActField>({
    {"to", F::text, "To whom", true, true},
    {"comment", F::text, "What they must know", false, false},
});
constexpr auto kLink = std::to_array<ActField>({
    {"person", F::text, "Their id in the contact tree", true, true},
    {"route", F::text, "Which of their routes: mail, webhook, pagerduty, alertmanager, siren",
     false, false},
});
constexpr auto kSnooze = std::to_array<ActField>({
    {"seconds", F::number, "For how long", true, true},
    {"reason", F::text, "Why", true, false},
});
constexpr auto kDraft = std::to_array<ActField>({
    {"incident", F::text, "inc-1", true, true},
    {"template", F::text, "Whose text it is; `okiagari notice templates`", false, false},
    {"subject", F::words, "Without a template: the subject", false, false},
    {"text", F::words, "Without a template: the text", false, false},
    {"status", F::text, "investigating, identified, monitoring, resolved or postmortem", false,
     false},
    {"supersedes", F::number, "The number of the one that it corrects", false, false},
    {"correction_reason", F::words, "Why that was wrong", false, false},
    {"severity", F::number, "1 is the worst", false, false},
    {"began_ns", F::time, "Since when", false, false},
    {"title", F::words, "What it is", false, false},
    {"what_happened", F::words, "What happened", false, false},
    {"affected", F::words, "Who and what is hit", false, false},
    {"not_affected", F::words, "Who and what is not", false, false},
    {"components", F::list, "Ids of the components that are hit", false, false},
    {"can_trade", F::flag, "Whether members can trade", false, false},
    {"trading_state", F::text, "halted, cancel_only, ...", false, false},
    {"order_disposition", F::words, "What becomes of orders", false, false},
    {"trade_validity", F::words, "Whether trades stand", false, false},
    {"outage_position", F::words, "Where the outage stands", false, false},
    {"next_action", F::words, "What is done next", false, false},
    {"expected", F::range, "When it is over", false, false},
    {"resume", F::words, "How and when trading resumes", false, false},
    {"contact", F::words, "Whom to ask", false, false},
});
static_assert(kDraft.size() <= kActFieldsMax);
constexpr auto kComponent = std::to_array<ActField>({
    {"state", F::text,
     "operational, degraded_performance, partial_outage, major_outage or under_maintenance", true,
     true},
    {"reason", F::words, "Why", true, false},
    {"until_ns", F::time, "When the word runs out; at most 7 days ahead", false, false},
});
constexpr auto kPlan = std::to_array<ActField>({
    {"title", F::words, "What is done", true, false},
    {"text", F::words, "What it means for others", false, false},
    {"components", F::list, "Ids of the components that it touches", true, false},
    {"impact", F::text, "none, minor, major or critical", false, false},
    {"from_ns", F::time, "When it begins", true, false},
    {"until_ns", F::time, "When it ends", true, false},
    {"every_days", F::number, "Again every so many days", false, false},
    {"times", F::number, "So many times in all", false, false},
});
constexpr auto kMove = std::to_array<ActField>({
    {"from_ns", F::time, "When it begins", true, false},
    {"until_ns", F::time, "When it ends", true, false},
});
constexpr auto kAccount = std::to_array<ActField>({
    {"login", F::text, "a-z, 0-9, '-', '_' and '.'", true, true},
    {"name", F::text, "As people call them", false, false},
    {"roles", F::list, "viewer, duty_officer, incident_commander, ...", false, false},
    {"language", F::text, "ja or en", false, false},
    {"operator", F::number, "Their number among the market's operators", false, false},
    {"public_key", F::text, "Of the key that they sign with", false, false},
    {"password", F::text, "Never on the command line", false, false},
    {"locked", F::flag, "Nobody comes in with it", false, false},
    {"expires_ns", F::time, "When it ends", false, false},
    {"incident", F::text, "The one that an expert from outside may look at", false, false},
    {"new_second_factor", F::flag, "Another secret for one-time codes", false, false},
});
constexpr auto kToken = std::to_array<ActField>({
    {"name", F::text, "What it is for", false, true},
    {"days", F::number, "How long it is good; 30 when not given", false, false},
});

using Fields = std::span<const ActField>;
constexpr Fields kNone{};

constexpr auto kActs = std::to_array<DeskAct>({
    {"desk who", get, "/api/desk/me", "Who you are there, and what you may", kNone, false},
    {"desk log-out", post, "/api/desk/logout", "End your session, at all desks", kNone, true},
    {"desk token new", post, "/api/desk/tokens", "A token for programs that ask the API", kToken,
     false},
    {"desk token remove", delete_resource, "/api/desk/tokens/{id}", "End one of your tokens", kNone,
     false},
    {"desk picture", get, "/api/desk/picture", "How everything is at this moment", kNone, false},
    {"desk series", get, "/api/desk/series",
     "The last ten minutes: throughput, leaders, acknowledgements and where there were none", kNone,
     false},
    {"desk timeline", get, "/api/desk/timeline", "What happened, oldest first", kNone, true},
    {"desk effects", get, "/api/desk/effects", "What left the desk, and what became of it", kNone,
     false},
    {"incident list", get, "/api/desk/incidents", "All incidents with their situation reports",
     kNone, true},
    {"incident open", post, "/api/desk/incidents", "Open one by hand", kTitleSeverity, false},
    {"incident show", get, "/api/desk/incidents/{incident}",
     "One with its evidence, causes, steps, halts and notices", kNone, false},
    {"incident timeline", get, "/api/desk/incidents/{incident}/timeline",
     "What happened in it, oldest first", kNone, true},
    {"incident bundle", get, "/api/desk/incidents/{incident}/bundle",
     "All of it in one file, for an expert from outside", kNone, true},
    {"incident note", post, "/api/desk/incidents/{incident}/notes",
     "Write something into its timeline", kText, false},
    {"incident link", post, "/api/desk/incidents/{incident}/links", "Say that two belong together",
     kOther, false},
    {"incident merge", post, "/api/desk/incidents/{incident}/merge", "Make it a part of another",
     kInto, false},
    {"incident split", post, "/api/desk/incidents/{incident}/split",
     "Take evidence out of it into a new one", kSplit, false},
    {"incident role", post, "/api/desk/incidents/{incident}/roles", "Say who has which role in it",
     kRole, false},
    {"incident severity", post, "/api/desk/incidents/{incident}/severity", "Say how bad it is",
     kSeverity, false},
    {"incident status", post, "/api/desk/incidents/{incident}/status", "Say how it is", kStatus,
     false},
    {"incident cause", post, "/api/desk/incidents/{incident}/cause",
     "Put its cause on record, with what shows it", kCause, false},
    {"incident steps", get, "/api/desk/playbook",
     "The playbook, and how far each incident is in it", kNone, false},
    {"incident decide done", post, "/api/desk/incidents/{incident}/steps/{step}/done",
     "A step of the playbook is done", kReason, false},
    {"incident decide skip", post, "/api/desk/incidents/{incident}/steps/{step}/skip",
     "A step is left out; its default action does not happen", kReason, false},
    {"incident decide extend", post, "/api/desk/incidents/{incident}/steps/{step}/extend",
     "A step gets more time", kExtend, false},
    {"halt list", get, "/api/desk/halts", "Halts that were ordered through the desk", kNone, false},
    {"halt --preview --desk", post, "/api/desk/halts/preview", "Whom a halt would touch", kPreview,
     true},
    {"halt --desk", post, "/api/desk/halts", "A halt by the desk, on its record", kHalt, true},
    {"approval list", get, "/api/desk/approvals", "Acts that two must sign, and who has", kNone,
     false},
    {"approval propose", post, "/api/desk/approvals", "Put an act before those who sign", kPropose,
     false},
    {"approval draft", post, "/api/desk/approvals/draft",
     "Write the act that opens or stops a part of the market; nothing is done", kPreview, false},
    {"approval guards", get, "/api/desk/guards", "Halts that gateways obey on their own", kNone,
     false},
    {"approval draft-lift", post, "/api/desk/guards/draft",
     "Write the document that lifts one of them; nothing is done", kLift, false},
    {"approval act", get, "/api/desk/approvals/{proposal}/act",
     "What was proposed, with its signatures, as `okiagari promote` takes it", kNone, false},
    {"approval survivors", get, "/api/desk/rebuild",
     "What the last look at the servers' folders found, and what would be lost", kNone, false},
    {"approval look", post, "/api/desk/rebuild/look",
     "Look at the servers' folders; they are only read", kNone, false},
    {"approval sign", post, "/api/desk/approvals/{proposal}/sign", "Sign one with your key", kSign,
     true},
    {"approval withdraw", post, "/api/desk/approvals/{proposal}/withdraw", "Take one back",
     kOutcome, false},
    {"approval executed", post, "/api/desk/approvals/{proposal}/executed",
     "Say what became of one that people carry out", kOutcome, false},
    {"contact tree", get, "/api/desk/contacts", "People, schedules and policies in force", kNone,
     false},
    {"contact rehearse", get, "/api/desk/contacts/dry-run",
     "Who would be called now, at the worst, by the tree in force; nobody is", kNone, false},
    {"contact pages", get, "/api/desk/pages", "Who was called, and who has acknowledged", kNone,
     false},
    {"contact call", post, "/api/desk/incidents/{incident}/page/start", "Begin to call people",
     kCall, false},
    {"contact ack", post, "/api/desk/incidents/{incident}/page/acknowledge",
     "Say that you are on it: nobody is called any more", kComment, true},
    {"contact escalate", post, "/api/desk/incidents/{incident}/page/escalate",
     "Call the next step now", kStep, false},
    {"contact hand-over", post, "/api/desk/incidents/{incident}/page/hand-over",
     "Somebody else is on it from now on", kHandOver, false},
    {"contact link", post, "/api/desk/incidents/{incident}/page/link",
     "A signed link with which one person acknowledges: printed, or sent to them", kLink, true},
    {"contact snooze", post, "/api/desk/incidents/{incident}/page/snooze", "Call nobody for a time",
     kSnooze, false},
    {"contact quiet", post, "/api/desk/incidents/{incident}/page/close", "End calling", kNone,
     false},
    {"notice list", get, "/api/desk/notices", "Drafts and released notices", kNone, true},
    {"notice show", get, "/api/desk/notices/{incident}/{notice}", "One, as it will be read", kNone,
     true},
    {"notice draft", post, "/api/desk/notices", "Write one; another person releases it", kDraft,
     true},
    {"notice approve", post, "/api/desk/notices/{incident}/{notice}/approve",
     "The second person's word: it goes out to everyone", kNone, true},
    {"notice reject", post, "/api/desk/notices/{incident}/{notice}/reject", "It does not go out",
     kReason, false},
    {"notice clocks", get, "/api/desk/clocks",
     "When the next update is due, what was promised, and regulators' deadlines", kNone, false},
    {"component list", get, "/api/desk/components", "What the public sees, measured and said",
     kNone, false},
    {"component set", post, "/api/desk/components/{component}",
     "Say how one is, whatever is measured", kComponent, false},
    {"component clear", delete_resource, "/api/desk/components/{component}",
     "What is measured counts again", kNone, false},
    {"maintenance list", get, "/api/desk/maintenance", "Planned work", kNone, false},
    {"maintenance plan", post, "/api/desk/maintenance", "Announce work", kPlan, false},
    {"maintenance move", post, "/api/desk/maintenance/{maintenance}/move", "To another time", kMove,
     false},
    {"maintenance start", post, "/api/desk/maintenance/{maintenance}/start", "It begins", kNone,
     false},
    {"maintenance verify", post, "/api/desk/maintenance/{maintenance}/verify",
     "The work is done, and looked at", kNone, false},
    {"maintenance complete", post, "/api/desk/maintenance/{maintenance}/complete",
     "All is well again", kNone, false},
    {"maintenance cancel", post, "/api/desk/maintenance/{maintenance}/cancel", "It does not happen",
     kNone, false},
    {"subscription list", get, "/api/desk/subscriptions", "Who is told of notices", kNone, false},
    {"subscription remove", delete_resource, "/api/desk/subscriptions/{id}",
     "They are told no more", kNone, false},
    {"audit show", get, "/api/desk/audit", "How long the record is and what its chain ends in",
     kNone, false},
    {"audit export", get, "/api/desk/audit/timeline", "The whole timeline with its chain values",
     kNone, true},
    {"desk account list", get, "/api/desk/accounts", "Who may come in", kNone, false},
    {"desk account add", post, "/api/desk/accounts", "A new account, or what changes of one",
     kAccount, true},
    {"desk account remove", delete_resource, "/api/desk/accounts/{login}", "End an account", kNone,
     false},
});

constexpr auto kNobodys = std::to_array<RouteOfNobody>({
    {"/api/desk/login", "every command logs in by itself"},
    {"/api/desk/step-up", "every command shows a code when one is wanted"},
    {"/api/desk/events", "`okiagari desk timeline --follow` asks for what is new"},
    {"/api/openapi.json", "is for programs"},
    {"/api/v2/alerts", "is for Alertmanager"},
    {"/webhooks/alertmanager", "is for Alertmanager"},
    {"/webhooks/public-message", "is for services that warn of natural hazards and power cuts"},
    {"/v2/enqueue", "is for senders of PagerDuty's events"},
});

}  // namespace

std::span<const DeskAct> desk_acts() { return kActs; }

std::span<const RouteOfNobody> routes_of_nobody() { return kNobodys; }

std::string option_of(const ActField& field) {
  std::string name(field.name);
  if (field.form == FieldForm::time && name.ends_with("_ns")) name.resize(name.size() - 3);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

}  // namespace okiagari::cli
