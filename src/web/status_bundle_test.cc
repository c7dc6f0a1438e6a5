// Copies of the public page, judged by openssl and sha256sum, and by readers of feeds, calendars
// and Statuspage documents that others wrote.
#include "web/status_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "test_places.h"
#include "web/bundle_writer.h"
#include "web/public_market.h"

namespace okiagari::web {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(("timeout 60 " + command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4'096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe)) {
    ran.output.append(part.data(), count);
  }
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class StatusBundleTest : public ::testing::Test {
 protected:
  StatusBundleTest() {
    std::string name = (fs::temp_directory_path() / "okiagari-bundle-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    market_.measure("matching", "major_outage");
    market_.tell("inc-1", "first", 1);
    market_.apply("maintenance.plan",
                  {{"title", {{"en", "New disks, all nodes"}, {"ja", "ディスク交換; 全ノード"}}},
                   {"text", {{"en", "Redundancy is less."}, {"ja", "冗長性が下がります。"}}},
                   {"components", {"matching"}},
                   {"from_ns", PublicMarket::kStart + 3'600 * PublicMarket::kSecond},
                   {"until_ns", PublicMarket::kStart + 7'200 * PublicMarket::kSecond}},
                  "person:hanako");
    write("1");
  }
  ~StatusBundleTest() override { fs::remove_all(folder_); }

  void write(const std::string& name) {
    PublicSettings settings;
    settings.url = "https://status.example";
    const PublicView view = public_view(market_.desk(), settings, market_.now_ns);
    const base::Status status = write_bundle(bundle_files(view, market_.key), folder_, name);
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  [[nodiscard]] std::string current() const { return folder_ + "/current"; }
  [[nodiscard]] std::string read(const std::string& path) const {
    std::ifstream file(current() + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Ran run_here(const std::string& command) const {
    return run("sh -c 'cd " + current() + " && " + command + "'");
  }
  [[nodiscard]] std::string key() const { return base::to_hex(market_.key.public_key); }

  PublicMarket market_{OKIAGARI_SOURCE_DIR "/config/notices.toml"};
  std::string folder_;
};

constexpr const char* kVerify =
    "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in MANIFEST.txt -sigfile MANIFEST.sig";

TEST_F(StatusBundleTest, OpensslAndSha256sumFindItWholeAndSignedAsItsOwnInstructionsSay) {
  EXPECT_THAT(read("HOW_TO_CHECK.txt"), HasSubstr(kVerify));
  const Ran signature = run_here(kVerify);
  EXPECT_EQ(signature.code, 0) << signature.output;
  const Ran notice = run_here(
      "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in notices/inc-1/n1.txt -sigfile "
      "notices/inc-1/n1.sig");
  EXPECT_EQ(notice.code, 0) << notice.output;
  const std::string hashes = "grep \"^sha256 \" MANIFEST.txt | cut -c8- | sha256sum --quiet -c";
  EXPECT_EQ(run_here(hashes).code, 0);
  std::ofstream(current() + "/ja.html", std::ios::app) << "all is well";
  EXPECT_NE(run_here(hashes).code, 0);
  std::ofstream(current() + "/MANIFEST.txt", std::ios::app) << "x";
  EXPECT_NE(run_here(kVerify).code, 0);
}

TEST_F(StatusBundleTest, WhatWasChangedTakenAwayOrSignedBySomebodyElseIsFound) {
  auto verdict = verify_bundle(current(), key());
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_TRUE(verdict.value().problems.empty()) << verdict.value().problems.front();
  EXPECT_GT(verdict.value().files, 20u);
  EXPECT_EQ(verdict.value().written, "2026-11-26T01:02:03.000Z");
  const base::KeyPair other = base::key_pair_from_seed({std::byte{1}});
  verdict = verify_bundle(current(), base::to_hex(other.public_key));
  ASSERT_TRUE(verdict.ok());
  EXPECT_THAT(verdict.value().problems.front(), HasSubstr("not of this key"));
  std::ofstream(current() + "/ja.html", std::ios::app) << "all is well";
  fs::remove(current() + "/en.html");
  verdict = verify_bundle(current(), "");
  ASSERT_TRUE(verdict.ok());
  EXPECT_THAT(verdict.value().problems, ::testing::Contains(HasSubstr("ja.html: its SHA-256")));
  EXPECT_THAT(verdict.value().problems, ::testing::Contains("en.html: missing"));
  EXPECT_FALSE(verify_bundle(folder_, key()).ok());
}

TEST_F(StatusBundleTest, ANameThatEndsEarlierForTheKernelIsNoFileOfTheCopy) {
  std::ofstream(current() + "/MANIFEST.txt", std::ios::app)
      << "sha256 00  " << std::string("ja.html\0.old", 12) << "\n";
  const auto verdict = verify_bundle(current(), key());
  ASSERT_TRUE(verdict.ok());
  EXPECT_THAT(verdict.value().problems,
              ::testing::Contains("the manifest has a line that names no file of the bundle"));
}

TEST_F(StatusBundleTest, ANewCopyTakesThePlaceOfTheOldOneAtOnceAndOldOnesGo) {
  EXPECT_EQ(fs::read_symlink(current()), "copy-1");
  market_.now_ns += 60 * PublicMarket::kSecond;
  write("2");
  EXPECT_EQ(fs::read_symlink(current()), "copy-2");
  EXPECT_TRUE(fs::exists(folder_ + "/copy-1")) << "a reader may be in it";
  write("3");
  EXPECT_FALSE(fs::exists(folder_ + "/copy-1"));
}

TEST_F(StatusBundleTest, TheWriterWritesAfterEveryChangeAndEveryFiveMinutesAndNotOtherwise) {
  BundleWriter writer(market_, PublicSettings(), market_.key, folder_,
                      [this] { return market_.now_ns; });
  const auto copy_after_turn = [&] {
    market_.now_ns += PublicMarket::kSecond;
    EXPECT_TRUE(writer.turn().ok());
    return fs::read_symlink(current()).string();
  };
  const std::string first = copy_after_turn();
  EXPECT_NE(first, "copy-1");
  EXPECT_EQ(copy_after_turn(), first);
  market_.apply("desk.tick", {});
  EXPECT_EQ(copy_after_turn(), first) << "an entry that the public does not see";
  market_.measure("matching", "operational");
  const std::string second = copy_after_turn();
  EXPECT_NE(second, first);
  market_.now_ns += BundleWriter::kRewriteAfterNs;
  EXPECT_NE(copy_after_turn(), second);
}

TEST_F(StatusBundleTest, AFullOrMissingFolderIsAFailureThatTheLedgerHearsOf) {
  BundleWriter writer(market_, PublicSettings(), market_.key, "/proc/no-such-folder",
                      [this] { return market_.now_ns; });
  desk::Effect effect;
  effect.key = "notice/inc-1/n1/file";
  std::string failure;
  desk::Hands::Reports reports;
  reports.failed = [&](const std::string&, std::string outcome, bool) { failure = outcome; };
  writer.carry_out(effect, reports);
  EXPECT_THAT(failure, HasSubstr("/proc/no-such-folder"));
}

TEST_F(StatusBundleTest, ItSaysByItselfWhenItWasWrittenAndWhatSilenceMeans) {
  EXPECT_THAT(read("ja.html"), HasSubstr("2026-11-26 10:02:03 JST"));
  EXPECT_THAT(read("en.html"), HasSubstr("no news is not good news"));
  EXPECT_THAT(read("ja/incidents/inc-1.html"), HasSubstr("href=\"../../status.css\""));
}

TEST_F(StatusBundleTest, EveryLinkLeadsToAFileOfTheBundle) {
  for (const auto& item : fs::recursive_directory_iterator(fs::canonical(current()))) {
    if (item.path().extension() != ".html") continue;
    std::ifstream file(item.path());
    const std::string html{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t at = html.find("href=\""); at != std::string::npos;
         at = html.find("href=\"", at + 1)) {
      const std::string link = html.substr(at + 6, html.find('"', at + 6) - at - 6);
      if (link.starts_with("#")) continue;
      EXPECT_TRUE(fs::exists(item.path().parent_path() / link)) << item.path() << " to " << link;
    }
  }
}

TEST_F(StatusBundleTest, AFeedReaderThatOthersWroteReadsAtomAndRss) {
  const std::string script =
      "/usr/bin/python3 -c \"\nimport feedparser\nfor name in (\\\"history.atom\\\", "
      "\\\"history.rss\\\"):\n    feed = feedparser.parse(name)\n    assert not feed.bozo, "
      "feed.bozo_exception\n    assert len(feed.entries) == 1, feed.entries\n    entry = "
      "feed.entries[0]\n    assert entry.id.startswith(\\\"urn:uuid:\\\"), entry.id\n    assert "
      "entry.link == \\\"https://status.example/ja/incidents/inc-1\\\", entry.link\n    assert "
      "(entry.get(\\\"updated_parsed\\\") or entry.published_parsed)[:6] == (2026, 11, 26, 1, 2, "
      "3)\n    print(feed.version)\n\"";
  const Ran ran = run_here(script);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("atom10"));
  EXPECT_THAT(ran.output, HasSubstr("rss20"));
}

TEST_F(StatusBundleTest, ACalendarReaderThatOthersWroteReadsTheMaintenance) {
  const std::string script =
      "/usr/bin/python3 -c \"\nimport icalendar\ncalendar = "
      "icalendar.Calendar.from_ical(open(\\\"maintenance.ics\\\", \\\"rb\\\").read())\nevents = "
      "calendar.walk(\\\"VEVENT\\\")\nassert len(events) == 1\nevent = events[0]\nassert "
      "str(event[\\\"SUMMARY\\\"]) == \\\"ディスク交換; 全ノード / New disks, all nodes\\\", "
      "event[\\\"SUMMARY\\\"]\nassert str(event[\\\"DTSTART\\\"].dt) == \\\"2026-11-26 "
      "02:02:03+00:00\\\", event[\\\"DTSTART\\\"].dt\nassert event[\\\"SEQUENCE\\\"] == 0\nassert "
      "not event.errors\n\"";
  const Ran ran = run_here(script);
  EXPECT_EQ(ran.code, 0) << ran.output;
}

}  // namespace
}  // namespace okiagari::web
