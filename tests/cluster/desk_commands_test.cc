// Goal: a bad day can be led from the command line alone: an incident opened and worked on, people
// called off, everyone told by two people, the market halted on the record and proposed to start
// again, an expert from outside let in to one incident, and everything about it taken out in one
// file without a secret. Method: the program itself against a desk of real processes.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <sstream>

#include "cli/removed_secrets.h"
#include "test_places.h"
#include "tests/cluster/test_desk.h"
#include "web/totp.h"

namespace okiagari {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DeskCommands : public DeskOfRealProcesses {
 protected:
  // A command of a person at this market's desk.
  std::string as(const std::string& login, std::vector<std::string> words, int status = 0) {
    words.insert(words.end(), {"--data", folder_, "--as", login});
    const Ending ending = run(words);
    std::string line;
    for (const std::string& word : words) line += word + " ";
    EXPECT_EQ(ending.status, status) << line << "\n" << ending.output;
    return ending.output;
  }
  // The first word of what a command prints: a notice's id. Machines write notices too, so a number
  // is nobody's to guess.
  static std::string id_in(const std::string& output) { return output.substr(0, output.find(' ')); }
  // As an authenticator shows it: the secret is base32 (RFC 4648).
  static std::string code_of(std::string_view secret) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string bytes;
    unsigned bits = 0;
    unsigned value = 0;
    for (const char c : secret) {
      value = (value << 5 | static_cast<unsigned>(kDigits.find(c))) & 0xffffu;
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      bytes.push_back(static_cast<char>(value >> bits));
    }
    constexpr std::int64_t kStepNs = 30'000'000'000;
    return web::totp_code(bytes, static_cast<std::int64_t>(net::Loop::wall_ns()) / kStepNs);
  }
  // What a shell makes of it, with the program as $OKIAGARI.
  std::string shell(const std::string& line, int status = 0) {
    const std::string path = folder_ + "/shell-output";
    const std::string whole = "cd " + folder_ + " && export OKIAGARI=" + OKIAGARI_PROGRAM + "; (" +
                              line + ") > " + path + " 2>&1";
    const int ended = std::system(whole.c_str());
    std::ifstream file(path);
    const std::string output(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(WEXITSTATUS(ended), status) << line << "\n" << output;
    return output;
  }
};

TEST_F(DeskCommands, AnIncidentIsWorkedOnAndEveryoneToldByTwoPeople) {
  begin(1, false);
  as("operator-1",
     {"incident", "open", "--title-ja", "板が遅い", "--title-en", "slow book", "--severity", "3"});
  as("operator-1", {"incident", "open", "the same again"});
  EXPECT_THAT(as("operator-1", {"incident", "list"}), HasSubstr("slow book"));
  as("operator-1", {"incident", "note", "inc-1", "looked at node 2"});
  as("operator-1", {"incident", "severity", "inc-1", "2", "--reason", "members call"});
  as("operator-1", {"incident", "link", "inc-1", "inc-2"});
  as("operator-1", {"incident", "merge", "inc-2", "inc-1"});
  const std::string timeline = as("operator-1", {"incident", "timeline", "inc-1"});
  EXPECT_THAT(timeline, HasSubstr("looked at node 2"));
  EXPECT_THAT(timeline, HasSubstr("person:operator-1"));
  std::ofstream(folder_ + "/text.ja") << "確認しています。\n";
  const std::string first = id_in(
      as("operator-3", {"notice", "draft", "inc-1", "--subject-ja", "遅延", "--subject-en", "Delay",
                        "--text-ja", "@" + folder_ + "/text.ja", "--text-en", "We look into it."}));
  const std::string notice =
      id_in(as("operator-3", {"notice", "edit", first, "--text-en", "We are looking into it."}));
  EXPECT_NE(notice, first);
  EXPECT_THAT(as("operator-3", {"notice", "show", first}), HasSubstr("rejected"));
  as("operator-3", {"notice", "release", notice}, 3);
  const std::string released = as("operator-4", {"notice", "release", notice});
  EXPECT_THAT(released, HasSubstr("確認しています。"));
  EXPECT_THAT(released, HasSubstr("We are looking into it."));
  EXPECT_THAT(as("operator-3", {"notice", "list"}), HasSubstr("No. 1"));
  as("operator-3", {"notice", "correct", notice, "--text-en", "Node 2 is slow."}, 2);
  const std::string correction =
      id_in(as("operator-3", {"notice", "correct", notice, "--text-en", "Node 2 is slow.",
                              "--correction-reason", "more is known"}));
  EXPECT_THAT(as("operator-4", {"notice", "approve", correction}), HasSubstr("Corrects notice"));
  as("operator-1", {"incident", "close", "inc-1", "--reason", "a disk was replaced"});
  EXPECT_THAT(as("operator-1", {"incident", "show", "inc-1"}), HasSubstr("resolved"));
}

TEST_F(DeskCommands, ARehearsalsPersonIsToldWhatToLogInWith) {
  begin(1, false);
  const std::string told = shell("$OKIAGARI desk rehearsal operator-1 --data .");
  const auto word = [&](const std::string& name) {
    const std::size_t at = told.find(name) + name.size();
    const std::size_t from = told.find_first_not_of(' ', at);
    return told.substr(from, told.find_first_of(",\n", from) - from);
  };
  EXPECT_EQ(word("log-in"), "operator-1");
  // A folder without the file of people: nothing is known of them but what is given.
  shell("mkdir -p elsewhere && echo '" + word("password") + "' > word && chmod 600 word");
  const std::string desk = net::to_string(desks_->places().front().http);
  EXPECT_THAT(shell("$OKIAGARI desk who --data elsewhere --as operator-1 --desk-at " + desk +
                    " --password-file word --one-time-code " + word("code") +
                    " --session-file their.session"),
              HasSubstr("operator-1"));
  EXPECT_THAT(shell("$OKIAGARI desk rehearsal nobody --data .", 2), HasSubstr("operator-2"));
}

TEST_F(DeskCommands, ACallIsAcknowledgedByItsLinkAndByWhoIsLoggedIn) {
  begin(1, false);
  as("operator-1", {"incident", "open", "gone", "--severity", "1"});
  const std::string link = shell("$OKIAGARI contact link inc-1 hanako --data .");
  ASSERT_THAT(link, HasSubstr("/ack/inc-1~0~hanako~"));
  const std::string url = link.substr(0, link.find('\n'));
  EXPECT_THAT(shell("$OKIAGARI contact ack --link '" + url + "'"), HasSubstr("recorded"));
  EXPECT_THAT(shell("$OKIAGARI contact ack --link '" + url + "x'", 1), HasSubstr("403"));
  EXPECT_THAT(as("operator-1", {"contact", "pages"}), HasSubstr("acknowledged"));
  as("operator-1", {"incident", "open", "another", "--severity", "1"});
  as("operator-3", {"contact", "ack", "inc-2", "--comment", "mine"});
  EXPECT_THAT(as("operator-1", {"incident", "timeline", "inc-2"}), HasSubstr("person:operator-3"));
}

// Told by telephone, and nobody is on a desk's host: the desk sends it as it sends its calls.
TEST_F(DeskCommands, ALinkIsSentByTheDeskToWhomSomebodyNames) {
  begin(1);
  as("operator-1", {"incident", "open", "gone", "--severity", "3"});
  const auto was_mailed = [&] {
    const auto mails = cli::read_maildir(mail_->maildir());
    return std::any_of(mails.begin(), mails.end(), [](const cli::ReceivedMail& mail) {
      return mail.to.find("kenji@") != std::string::npos;
    });
  };
  ASSERT_FALSE(was_mailed());
  as("operator-1", {"contact", "link", "inc-1", "kenji", "--send", "--route", "siren"}, 3);
  as("operator-1", {"contact", "link", "inc-1", "kenji", "--send", "--route", "mail"});
  EXPECT_TRUE(wait_until(was_mailed));
  EXPECT_THAT(as("operator-1", {"incident", "timeline", "inc-1"}), HasSubstr("calls kenji"));
}

TEST_F(DeskCommands, TheMarketIsHaltedOnTheRecordAndStartedAgainByTwoSignatures) {
  begin(1, false);
  as("operator-1", {"incident", "open", "the book is wrong", "--severity", "1"});
  EXPECT_THAT(as("operator-1", {"halt", "--market", "--preview", "--desk"}),
              HasSubstr("instruments"));
  const std::string halted = as("operator-1", {"halt", "--market", "--desk", "--incident", "inc-1",
                                               "--reason", "the book is wrong"});
  EXPECT_THAT(halted, HasSubstr("person:operator-1"));
  EXPECT_THAT(as("operator-1", {"incident", "timeline", "inc-1"}), HasSubstr("halt.in_effect"));
  as("operator-1",
     {"halt", "lift", "--market", "--desk", "--incident", "inc-1", "--reason", "it was looked at"});
  const auto sign = [&](const std::string& login, const char* number) {
    return as(login, {"approval", "sign", number, "--key", folder_ + "/keys/" + login + ".key"});
  };
  sign("operator-1", "1");
  sign("operator-2", "1");
  ASSERT_TRUE(wait_for({"approval.executed"})) << as("operator-1", {"approval", "list"});
  EXPECT_THAT(as("operator-1", {"incident", "timeline", "inc-1"}), HasSubstr("approval.executed"));

  // What the gateways obey on their own has a number, and goes on until that is lifted as well.
  const auto guards = [&] {
    return boost::json::parse(as("operator-1", {"approval", "guards", "--json"})).at("items");
  };
  const boost::json::value first = guards().at(0).at("halts");
  ASSERT_EQ(first.as_array().size(), 1u);
  const std::string number = boost::json::serialize(first.at(0).at("number"));
  const std::vector<std::string> lift = {
      "halt", "lift",     "--market",         "--desk",  "--lifts",
      number, "--reason", "it was looked at", "--proof", std::string(64, 'a')};
  EXPECT_THAT(as("operator-1", lift), HasSubstr("halt " + number + " of market is lifted"));
  sign("operator-1", "2");
  EXPECT_EQ(guards().at(0).at("halts").as_array().size(), 1u) << "one signature lifts nothing";
  sign("operator-2", "2");
  EXPECT_TRUE(wait_until([&] {
    desks_->supervise();
    return guards().at(0).at("halts").as_array().empty() &&
           guards().at(1).at("halts").as_array().empty();
  })) << as("operator-1", {"approval", "list"});
}

TEST_F(DeskCommands, TheMinuteBeforeAnIncidentRunsOnceMoreToTheStatesThatWereRecorded) {
  begin(1, false);
  kill_leading_node();
  ASSERT_TRUE(wait_for({"incident.opened"}));
  const std::string output = shell("$OKIAGARI replay --minute-before inc-1 --data . --program " +
                                   std::string(OKIAGARI_PROGRAM));
  EXPECT_THAT(output, HasSubstr("IT RAN THROUGH"));
  EXPECT_THAT(output, HasSubstr("states that differ"));
  // A build with sanitizers that has something to say when it is through already.
  std::ofstream(folder_ + "/speaks")
      << "#!/bin/sh\n" OKIAGARI_PROGRAM
         " \"$@\"\ncat >&2 <<'END'\n"
         "==7==ERROR: LeakSanitizer: detected memory leaks\n"
         "    #0 0x55eba39e2dda in fill /okiagari/src/market/order_books.cc:12\nEND\nexit 23\n";
  const std::string spoken = shell(
      "chmod +x speaks && $OKIAGARI replay --minute-before inc-1 --data . --program ./speaks", 1);
  EXPECT_THAT(spoken, HasSubstr("A SANITIZER FOUND: LeakSanitizer: detected memory leaks"));
  EXPECT_THAT(spoken, HasSubstr("  src/market/order_books.cc:12 in fill"));
  EXPECT_THAT(shell("$OKIAGARI replay --minute-before inc-9 --data .", 2), HasSubstr("inc-9"));
}

TEST_F(DeskCommands, AnExpertFromOutsideTakesTheBundleOfOneIncidentAndItHoldsNoSecret) {
  begin(1, false);
  kill_leading_node();
  ASSERT_TRUE(wait_for({"incident.opened", "incident.report", "incident.causes"}));
  std::ofstream(folder_ + "/word") << "a password for a guest\n";
  const std::string made = shell(
      "$OKIAGARI desk account add guest --roles outside_expert --incident inc-1 --expires +1d "
      "--new-password-fd 3 --data . --as admin 3<word");
  const std::size_t at = made.find("secret=");
  ASSERT_NE(at, std::string::npos) << made;
  EXPECT_THAT(shell("$OKIAGARI audit export --data . --as admin"), HasSubstr("guest"));
  // The market's own file of people does not know the guest: the code comes from the factor.
  const std::string secret = made.substr(at + 7, made.find_first_of("&\n ", at) - at - 7);
  const std::string guest =
      " --data . --as guest --password-fd 3 --session-file guest.session "
      "--one-time-code " +
      code_of(secret) + " 3<word";
  shell("$OKIAGARI incident show inc-1" + guest);
  const std::string later = " --data . --as guest --session-file guest.session";
  EXPECT_THAT(shell("$OKIAGARI incident list" + later, 3), HasSubstr("power 'look'"));
  EXPECT_THAT(shell("$OKIAGARI incident show inc-2" + later, 3), HasSubstr("one incident"));
  EXPECT_THAT(shell("$OKIAGARI incident bundle inc-1 --out bundle.tar.xz" + later),
              HasSubstr("holds"));
  const std::string files = shell("tar tf bundle.tar.xz");
  for (const char* name : {"incident.json", "report.txt", "timeline.ndjson", "positions.json",
                           "logs/node-1.log", "logs/gateway-1.log", "metrics/node-",
                           "configuration/deployment.json", "build.json", "MANIFEST.sig"}) {
    EXPECT_THAT(files, HasSubstr(name));
  }
  cli::KnownSecrets secrets;
  secrets.read(folder_);
  ASSERT_GT(secrets.size(), 10u);
  shell("tar xf bundle.tar.xz");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_ + "/okiagari-inc-1")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    std::size_t found = 0;
    (void)secrets.without(std::string(std::istreambuf_iterator<char>(file), {}), found);
    EXPECT_EQ(found, 0u) << entry.path();
  }
  shell("rm okiagari-inc-1/report.txt && tar cJf less.tar.xz okiagari-inc-1");
  EXPECT_THAT(shell("$OKIAGARI incident bundle --check less.tar.xz", 1),
              HasSubstr("report.txt: is missing"));
}

}  // namespace
}  // namespace okiagari
