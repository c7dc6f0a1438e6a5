// A bundle that left the house holds as it was made, and whatever is done to it on the way is
// found.
#include "cli/signed_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "cli/bundle_sources.h"
#include "cli/removed_secrets.h"

namespace okiagari::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SignedBundleTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-bundle-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::array<std::byte, 32> seed{};
    seed.fill(std::byte{5});
    key_ = base::key_pair_from_seed(seed);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const SignedBundle& bundle) {
    auto packed = bundle.pack("okiagari-inc-1", key_);
    EXPECT_TRUE(packed.ok());
    const std::string path = folder_ + "/bundle.tar.xz";
    std::ofstream(path, std::ios::binary) << packed.value();
    return path;
  }
  [[nodiscard]] std::string public_key() const { return base::to_hex(key_.public_key); }
  // The archive unpacked by another program, changed, and packed again by it.
  std::string changed(const std::string& path, const std::string& change) {
    const std::string line = "cd " + folder_ + " && tar xf " + path + " && cd okiagari-inc-1 && " +
                             change + " && cd .. && tar cJf changed.tar.xz okiagari-inc-1";
    EXPECT_EQ(std::system(line.c_str()), 0);
    return folder_ + "/changed.tar.xz";
  }

  std::string folder_;
  base::KeyPair key_;
};

TEST_F(SignedBundleTest, HoldsAsItWasMadeAndOtherProgramsReadIt) {
  SignedBundle bundle;
  bundle.add("incident.json", "{\"id\":\"inc-1\"}\n");
  bundle.add("logs/node-1.log", std::string(100'000, 'x') + "\n");
  const std::string path = write(bundle);
  const auto check = check_signed_bundle(path, public_key());
  ASSERT_TRUE(check.ok()) << check.error().message;
  EXPECT_THAT(check.value().problems, ::testing::IsEmpty());
  EXPECT_EQ(check.value().files, 3u);
  // tar and sha256sum are the judges.
  const std::string unpack = "cd " + folder_ + " && tar xf " + path +
                             " && cd okiagari-inc-1 && awk '{print $1\"  \"$3}' MANIFEST.txt"
                             " | sha256sum --check --quiet";
  EXPECT_EQ(std::system(unpack.c_str()), 0);
}

TEST_F(SignedBundleTest, EveryChangeOnTheWayIsFound) {
  SignedBundle bundle;
  bundle.add("incident.json", "{\"id\":\"inc-1\"}\n");
  bundle.add("report.txt", "the leader died\n");
  const std::string path = write(bundle);
  for (const auto& [change, found] : std::vector<std::pair<std::string, std::string>>{
           {"echo all is well > report.txt", "report.txt: is not what was signed"},
           {"rm report.txt", "report.txt: is missing"},
           {"echo x > added.txt", "added.txt: nobody signed it"},
           {"sed -i s/1/2/ MANIFEST.txt", "MANIFEST.sig"}}) {
    std::filesystem::remove_all(folder_ + "/okiagari-inc-1");
    const auto check = check_signed_bundle(changed(path, change), public_key());
    ASSERT_TRUE(check.ok()) << check.error().message;
    EXPECT_THAT(check.value().problems, ::testing::Contains(HasSubstr(found))) << change;
  }
}

TEST_F(SignedBundleTest, ItsOwnKeyIsNotTheExchanges) {
  SignedBundle bundle;
  bundle.add("report.txt", "x\n");
  const std::string path = write(bundle);
  EXPECT_THAT(check_signed_bundle(path, "").value().problems, ::testing::IsEmpty());
  const auto check = check_signed_bundle(path, std::string(64, '0'));
  ASSERT_TRUE(check.ok());
  EXPECT_THAT(check.value().problems, ::testing::Contains(HasSubstr("MANIFEST.sig")));
}

TEST_F(SignedBundleTest, WhatIsNoBundleIsAnErrorAndNoCrash) {
  const std::string path = folder_ + "/none.tar.xz";
  EXPECT_FALSE(check_signed_bundle(path, "").ok());
  std::ofstream(path) << "no archive at all";
  EXPECT_FALSE(check_signed_bundle(path, "").ok());
}

TEST_F(SignedBundleTest, WhatDoesNotFitIsLeftOutAndNamed) {
  SignedBundle bundle;
  bundle.add("logs/large.log", std::string(SignedBundle::kBytesMax - 10, 'x'));
  bundle.add("logs/more.log", std::string(11, 'y'));
  bundle.add("../../outside", "z");
  EXPECT_EQ(bundle.files().size(), 1u);
  SignedBundle small;
  small.add("../outside", "z");
  const std::string path = write(small);
  const std::string unpack =
      "cd " + folder_ + " && tar xf " + path + " && grep -q outside okiagari-inc-1/CUT.txt";
  EXPECT_EQ(std::system(unpack.c_str()), 0);
}

TEST(RemovedSecrets, NamesThatSaySoLoseTheirValues) {
  EXPECT_EQ(without_named_secrets("{\"name\":\"A1\",\"token\":\"abc\",\"in\":[{\"seed\":\"x\"}]}"),
            "{\"name\":\"A1\",\"token\":\"[removed]\",\"in\":[{\"seed\":\"[removed]\"}]}\n");
  EXPECT_EQ(without_named_secrets("host = \"mail\"\npassword = \"geheim\"\nack_key = \"12\"\n"),
            "host = \"mail\"\npassword = \"[removed]\"\nack_key = \"[removed]\"\n");
}

TEST(RemovedSecrets, KnownOnesAreFoundWhereverTheyStand) {
  KnownSecrets secrets;
  secrets.add("short");
  secrets.add("hunter2-and-more");
  secrets.add("hunter2");
  EXPECT_EQ(secrets.size(), 2u);
  std::size_t removed = 0;
  EXPECT_EQ(secrets.without("log in A1 hunter2-and-more, then hunter2!", removed),
            "log in A1 [removed], then [removed]!");
  EXPECT_EQ(removed, 2u);
}

TEST(BundledLogs, HoldTheWindowWithDyingWordsAndSayWhatWasCut) {
  const std::string log =
      "{\"time\":\"2026-11-26T01:00:00.0Z\",\"event\":\"started\"}\n"
      "{\"time\":\"2026-11-26T02:00:00.0Z\",\"event\":\"leads\"}\n"
      "invariant broken: a == b (x.cc:1)\n"
      "backtrace: 2 frames\n"
      "{\"time\":\"2026-11-26T05:00:00.0Z\",\"event\":\"started\"}\n";
  constexpr TimestampNs kHourNs = 3'600ULL * 1'000'000'000;
  const TimestampNs two = 1'795'658'400ULL * 1'000'000'000;
  std::size_t cut = 0;
  const std::string lines = lines_within(log, {two, two + kHourNs}, 1u << 20, cut);
  EXPECT_THAT(lines, HasSubstr("leads"));
  EXPECT_THAT(lines, HasSubstr("invariant broken"));
  EXPECT_THAT(lines, Not(HasSubstr("started")));
  EXPECT_EQ(cut, 0u);
  EXPECT_THAT(lines_within(log, {0, two + 24 * kHourNs}, 40, cut), HasSubstr("[cut]"));
  EXPECT_GT(cut, 0u);
  const std::string words = dying_words(log);
  EXPECT_THAT(words, HasSubstr("02:00:00"));
  EXPECT_THAT(words, HasSubstr("backtrace: 2 frames"));
  EXPECT_THAT(words, Not(HasSubstr("05:00:00")));
}

}  // namespace
}  // namespace okiagari::cli
